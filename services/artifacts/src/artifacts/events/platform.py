"""What the platform itself sees persons do.

| event | when | properties |
|---|---|---|
| `$signed_in` | a sign-in succeeded | `session_id` |
| `$signed_out` | a session ended | `session_id`, `reason` |
| `$checked_in` | an app reported its device | `source` |
| `$group_joined`, `$group_left` | in a group as leader, member or individual | `group_id`, `kind` |
| `$cohort_entered`, `$cohort_left` | in a cohort | `cohort_id`, `source` |
| `$feature_changed` | a feature was set for the person | `feature_id`, `state`: null where it was taken back |

They go to every organization where the person has a profile, or to the one that is meant. Nobody can capture events
with these names. A cohort whose filters look at entries and exits, itself or through cohorts that it names, has none of
its own: nothing goes round in circles.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

import msgspec
from contracts.artifacts import CohortMemberEntered, CohortMemberLeft
from contracts.identity import SessionEnded, SessionStarted, UserCheckedIn
from contracts.orgs import FeatureUsersChanged, GroupPeopleChanged
from kernel import now
from messaging import Consumers, Meta
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.events.captured import Captured
from artifacts.events.commands import insert, write
from artifacts.events.names import COHORT_ENTERED, COHORT_LEFT

PLACES = text("""
SELECT organization_id, user_id FROM profiles
 WHERE user_id = ANY(CAST(:users AS uuid[])) AND removed_at IS NULL ORDER BY organization_id
""")
ERASED = text("""
SELECT id FROM unnest(CAST(:ids AS uuid[])) AS one (id)
 WHERE EXISTS (SELECT 1 FROM erasures e WHERE e.user_id = one.id OR one.id = ANY(e.individual_ids))
""")
NAMED = text("""
SELECT DISTINCT ON (p.id) p.id, COALESCE(d.distinct_id, p.id::text) AS name
  FROM persons p LEFT JOIN person_distinct_ids d ON d.person_id = p.id
 WHERE p.organization_id = :organization_id AND p.id = ANY(CAST(:ids AS uuid[]))
 ORDER BY p.id, d.is_given DESC, d.distinct_id
""")
IN_A_CIRCLE = text("""
WITH RECURSIVE looking (cohort_id) AS (
    SELECT cohort_id FROM cohort_mentions
     WHERE organization_id = :organization_id AND kind = 'event' AND name = ANY(CAST(:names AS text[]))
    UNION
    SELECT m.cohort_id FROM looking
      JOIN cohort_mentions m ON m.organization_id = :organization_id AND m.kind = 'cohort'
                            AND m.name = looking.cohort_id::text
)
SELECT 1 FROM looking WHERE cohort_id = :cohort_id
""")


async def signed_in(session: AsyncSession, event: SessionStarted, meta: Meta) -> None:
    """Somebody signed in."""
    await _of_users(session, [event.user_id], "$signed_in", {"session_id": event.session_id}, meta)


async def signed_out(session: AsyncSession, event: SessionEnded, meta: Meta) -> None:
    """A session ended."""
    properties = {"session_id": event.session_id, "reason": event.reason}
    await _of_users(session, [event.user_id], "$signed_out", properties, meta)


async def checked_in(session: AsyncSession, event: UserCheckedIn, meta: Meta) -> None:
    """An app reported its device."""
    await _of_users(session, [event.user_id], "$checked_in", {"source": event.source}, meta)


async def moved(session: AsyncSession, event: GroupPeopleChanged, meta: Meta) -> None:
    """Leaders, members or individuals came or left."""
    properties = {"group_id": event.group_id, "kind": event.kind}
    for name, people in (("$group_joined", event.added), ("$group_left", event.removed)):
        await _within(session, event.organization_id, people, name, properties, meta)


async def set_feature(session: AsyncSession, event: FeatureUsersChanged, meta: Meta) -> None:
    """A feature was set for users."""
    properties = {"feature_id": event.feature_id, "state": event.state}
    if event.organization_id is not None:
        await _within(session, event.organization_id, event.user_ids, "$feature_changed", properties, meta)
    else:
        await _of_users(session, event.user_ids, "$feature_changed", properties, meta)


async def entered(session: AsyncSession, event: CohortMemberEntered, meta: Meta) -> None:
    """Persons came into a cohort."""
    await _of_cohort(session, event, COHORT_ENTERED, meta)


async def left(session: AsyncSession, event: CohortMemberLeft, meta: Meta) -> None:
    """Persons left a cohort."""
    await _of_cohort(session, event, COHORT_LEFT, meta)


async def _of_users(
    session: AsyncSession, users: Iterable[UUID], name: str, properties: dict[str, Any], meta: Meta
) -> None:
    """Events of users in every organization where they have a profile."""
    places: dict[UUID, list[UUID]] = {}
    for organization_id, user_id in await session.execute(PLACES, {"users": list(users)}):
        places.setdefault(organization_id, []).append(user_id)
    for organization_id, people in places.items():
        await _within(session, organization_id, people, name, properties, meta)


async def _within(
    session: AsyncSession,
    organization_id: UUID,
    people: Iterable[UUID],
    name: str,
    properties: dict[str, Any],
    meta: Meta,
) -> None:
    """Events of users or individuals; of those without a profile yet it takes them over when it comes."""
    chosen = list(dict.fromkeys(people))
    if not chosen:
        return
    erased = set(await session.scalars(ERASED, {"ids": chosen}))
    events = [_event(str(one), name, properties, meta) for one in chosen if one not in erased]
    if events:
        await write(session, organization_id, events, now())


async def _of_cohort(
    session: AsyncSession, event: CohortMemberEntered | CohortMemberLeft, name: str, meta: Meta
) -> None:
    values = {"organization_id": event.organization_id, "cohort_id": event.cohort_id}
    if await session.scalar(IN_A_CIRCLE, values | {"names": [COHORT_ENTERED, COHORT_LEFT]}) is not None:
        return
    people = await session.execute(NAMED, values | {"ids": list(event.person_ids)})
    properties = {"cohort_id": event.cohort_id, "source": event.source}
    moment = msgspec.structs.replace(meta, occurred_at=event.at)
    rows = [(_event(distinct_id, name, properties, moment, key=one), one) for one, distinct_id in people]
    await insert(session, event.organization_id, rows, now())


def _event(distinct_id: str, name: str, properties: dict[str, Any], meta: Meta, *, key: UUID | None = None) -> Captured:
    """The same event of the platform about the same person is the same product event."""
    return Captured(
        id=uuid5(meta.event_id, str(key or distinct_id)),
        event=name,
        distinct_id=distinct_id,
        timestamp=meta.occurred_at,
        properties=msgspec.json.encode(properties),
        personless=True,
    )


table: Consumers = {
    SessionStarted: signed_in,
    SessionEnded: signed_out,
    UserCheckedIn: checked_in,
    FeatureUsersChanged: set_feature,
    CohortMemberEntered: entered,
    CohortMemberLeft: left,
}
"""All but who moves between groups: that is not all that such an event causes here."""
