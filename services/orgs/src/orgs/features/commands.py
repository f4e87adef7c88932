"""Changing features."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.orgs import FeatureCreated, FeatureDeleted, FeatureUpdated
from kernel import Conflict, Forbidden, Invalid, NotFound
from messaging import publish
from msgspec import UNSET
from sqlalchemy import func, select, text
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.features import history
from orgs.features.models import Feature
from orgs.features.schemas import FeatureChanges, NewFeature, UsersToAdd, UsersToRemove
from orgs.people.many import resolve
from orgs.user_features.states import Place, set_states, take_states

DELETE = text("""
DELETE FROM features WHERE id = :id
   AND NOT EXISTS (SELECT FROM user_features WHERE feature_id = :id)
   AND NOT EXISTS (SELECT FROM organization_features WHERE feature_id = :id)
RETURNING id
""")


async def create(session: AsyncSession, principal: Principal, new: NewFeature) -> None:
    """Make a feature. Raises Conflict where there is one with this name."""
    statement = insert(Feature).values(**msgspec.structs.asdict(new), created_by=principal.user_id)
    if await session.scalar(statement.on_conflict_do_nothing().returning(Feature.id)) is None:
        raise Conflict("There is a feature with this name.", pointer="/data/attributes/id")
    changes = _changes({}, msgspec.structs.asdict(new))
    await history.record(session, principal, new.id, changes)
    told = FeatureCreated(
        feature_id=new.id, stage=new.stage, global_enabled=new.global_enabled, assignable=new.assignable
    )
    await publish(session, told)


async def update(session: AsyncSession, principal: Principal, feature_id: str, changes: FeatureChanges) -> None:
    """Change what is given. Raises NotFound."""
    row = await _hold(session, feature_id)
    given = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    values: dict[str, Any] = {name: value for name, value in given.items() if getattr(row, name) != value}
    if not values:
        return
    await history.record(session, principal, feature_id, _changes(msgspec.structs.asdict(row), values))
    now = msgspec.structs.replace(row, **values)
    values["updated_at"] = func.clock_timestamp()
    await session.execute(sql_update(Feature).where(Feature.id == feature_id).values(values))
    told = FeatureUpdated(
        feature_id=feature_id, stage=now.stage, global_enabled=now.global_enabled, assignable=now.assignable
    )
    await publish(session, told)


async def delete(session: AsyncSession, principal: Principal, feature_id: str) -> None:
    """Remove a feature; its history stays. Raises NotFound, or Conflict while anybody has a state of it."""
    await _hold(session, feature_id)
    if (await session.execute(DELETE, {"id": feature_id})).first() is None:
        raise Conflict("Organizations or users have a state of the feature.", code="in-use")
    await history.record(session, principal, feature_id, [history.Change(field="id", before=feature_id, after=None)])
    await publish(session, FeatureDeleted(feature_id=feature_id))


async def add_users(
    session: AsyncSession, principal: Principal, runtime: Runtime, feature_id: str, change: UsersToAdd
) -> None:
    """Give users a state of their own, everywhere. Who has it already keeps it.

    Raises Problems naming each person who is unknown; then nothing is changed.
    """
    users = await _users(session, runtime, change)
    forced = await require_assignable(session, principal, feature_id, force=change.force)
    place = Place(feature_id=feature_id, organization_id=None, forced=forced)
    await set_states(session, principal, place, users, change.state)


async def remove_users(
    session: AsyncSession, principal: Principal, runtime: Runtime, feature_id: str, change: UsersToRemove
) -> None:
    """Take users' own states of a feature away, as far as they hold everywhere."""
    users = await _users(session, runtime, change)
    forced = await require_assignable(session, principal, feature_id, force=change.force)
    place = Place(feature_id=feature_id, organization_id=None, forced=forced)
    await take_states(session, principal, place, users)


async def require_assignable(session: AsyncSession, principal: Principal, feature_id: str, *, force: bool) -> bool:
    """Hold a feature whose states are about to change; whether that is by force.

    Raises NotFound naming the feature, Conflict `not-assignable` without force, or Forbidden: only the operator's
    staff use force.
    """
    statement = select(Feature.assignable).where(Feature.id == feature_id).with_for_update(read=True)
    assignable = await session.scalar(statement)
    if assignable is None:
        raise NotFound("There is no such feature.")
    if assignable:
        return False
    if not force:
        raise Conflict("The feature is not assignable: its states change by force only.", code="not-assignable")
    if not principal.is_support:
        raise Forbidden("Only the operator's staff may use force.")
    return True


async def _users(session: AsyncSession, runtime: Runtime, change: UsersToAdd | UsersToRemove) -> list[UUID]:
    ids = change.user_ids if change.user_ids is not UNSET else []
    emails = change.user_emails if change.user_emails is not UNSET else []
    if not ids and not emails:
        raise Invalid("Give user-ids or user-emails.", pointer="/user-ids")
    return await resolve(session, runtime, ids, emails)


class _Standing(msgspec.Struct):
    description: str
    stage: Any
    global_enabled: bool
    assignable: bool


async def _hold(session: AsyncSession, feature_id: str) -> _Standing:
    columns = (Feature.description, Feature.stage, Feature.global_enabled, Feature.assignable)
    row = (await session.execute(select(*columns).where(Feature.id == feature_id).with_for_update())).first()
    if row is None:
        raise NotFound
    return _Standing(*row)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[history.Change]:
    return [
        history.Change(field=name.replace("_", "-"), before=_text(before.get(name)), after=_text(value))
        for name, value in after.items()
    ]


def _text(value: Any) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
