"""Setting users' states of a feature: one statement for any number, exact whatever else happens at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from contracts.orgs import FeatureUsersChanged
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.features import history
from orgs.features.kinds import State

MOST_OF_AN_EVENT = 500

SET = text("""
INSERT INTO user_features AS known (id, feature_id, user_id, organization_id, state)
SELECT uuidv7(), :feature_id, wanted.id, CAST(:organization_id AS uuid), :state
FROM unnest(CAST(:users AS uuid[])) AS wanted(id) ORDER BY wanted.id
ON CONFLICT (user_id, feature_id, organization_id) DO UPDATE
    SET state = excluded.state, updated_at = clock_timestamp() WHERE known.state <> excluded.state
RETURNING user_id, old.state AS before
""")
TAKE = text("""
WITH held AS MATERIALIZED (
    SELECT id FROM user_features
    WHERE feature_id = :feature_id AND user_id = ANY(:users)
      AND organization_id IS NOT DISTINCT FROM CAST(:organization_id AS uuid)
    ORDER BY user_id FOR UPDATE
)
DELETE FROM user_features USING held WHERE user_features.id = held.id RETURNING user_id, state AS before
""")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Of which feature and where states change (None: everywhere), and whether by force."""

    feature_id: str
    organization_id: UUID | None
    forced: bool


async def set_states(
    session: AsyncSession, principal: Principal, place: Place, users: Sequence[UUID], state: State
) -> None:
    """Give each user the state; only real changes are recorded and told."""
    rows = (await session.execute(SET, {**_where(place, users), "state": state})).all()
    await _tell(session, principal, place, rows, state)


async def take_states(session: AsyncSession, principal: Principal, place: Place, users: Sequence[UUID]) -> None:
    """Take the users' own states away; who has none keeps none."""
    rows = (await session.execute(TAKE, _where(place, users))).all()
    await _tell(session, principal, place, rows, None)


def _where(place: Place, users: Sequence[UUID]) -> dict[str, Any]:
    return {"feature_id": place.feature_id, "organization_id": place.organization_id, "users": list(users)}


async def _tell(
    session: AsyncSession, principal: Principal, place: Place, rows: Sequence[Any], state: State | None
) -> None:
    where = place.organization_id
    changes = [
        history.Change(before=row.before, after=state, user_id=row.user_id, organization_id=where) for row in rows
    ]
    await history.record(session, principal, place.feature_id, changes, forced=place.forced)
    users = sorted(row.user_id for row in rows)
    for start in range(0, len(users), MOST_OF_AN_EVENT):
        some = tuple(users[start : start + MOST_OF_AN_EVENT])
        told = FeatureUsersChanged(feature_id=place.feature_id, user_ids=some, state=state, organization_id=where)
        await publish(session, told)
