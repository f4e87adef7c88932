"""The record of who changed what of a feature, from what, to what; only ever added to."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from database import rows_of
from kernel import Slice, uuid7
from sqlalchemy import false, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import administered, reach_of
from orgs.features.models import FeatureChange
from orgs.features.schemas import ChangeAttributes, ChangeQuery


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One field from what to what, for an organization, a user, both or neither."""

    field: str = "state"
    before: str | None
    after: str | None
    organization_id: UUID | None = None
    user_id: UUID | None = None


async def record(
    session: AsyncSession, principal: Principal, feature_id: str, changes: list[Change], *, forced: bool = False
) -> None:
    """Add changes to the record."""
    whole = {"feature_id": feature_id, "changed_by": principal.subject, "forced": forced}
    if changes:
        rows = [{"id": uuid7(), **msgspec.structs.asdict(change), **whole} for change in changes]
        await session.execute(insert(FeatureChange), rows)


async def list_(
    session: AsyncSession, principal: Principal, feature_id: str, query: ChangeQuery
) -> Slice[tuple[UUID, ChangeAttributes]]:
    """A page of changes, the newest first: all for the operator's staff, for others those of what they administer."""
    statement = select(FeatureChange).where(FeatureChange.feature_id == feature_id)
    if not principal.is_support and principal.service is None:
        reach = await reach_of(session, principal)
        own = FeatureChange.user_id == reach.user_id if reach.user_id else false()
        statement = statement.where(or_(administered(reach, FeatureChange.organization_id), own))
    for column, value in (
        (FeatureChange.organization_id, query.organization_id),
        (FeatureChange.user_id, query.user_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    ordered = statement.order_by(FeatureChange.id.desc())
    return await rows_of(session, ordered, query.page, lambda row: (row[0].id, _attributes(row[0])))


def _attributes(row: Any) -> ChangeAttributes:
    return ChangeAttributes(
        feature_id=row.feature_id,
        organization_id=row.organization_id,
        user_id=row.user_id,
        field=row.field,
        before=row.before,
        after=row.after,
        forced=row.forced,
        changed_by=row.changed_by,
        changed_time=row.changed_at,
    )
