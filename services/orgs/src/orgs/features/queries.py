"""Reading features, and which of them are on for whom."""

from typing import Any

from chassis.principal import Principal
from database import rows_of
from kernel import NotFound, Slice
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.features.models import Feature
from orgs.features.schemas import FeatureAttributes, FeatureQuery
from orgs.features.subjects import Subject, subject_of

ON = text("""
EXISTS (
    SELECT FROM unnest(CAST(:organizations AS uuid[])) AS place(id)
    LEFT JOIN user_features here ON here.feature_id = features.id AND here.user_id = CAST(:user_id AS uuid)
        AND here.organization_id = place.id AND here.state <> 'dontcare'
    LEFT JOIN user_features everywhere ON everywhere.feature_id = features.id
        AND everywhere.user_id = CAST(:user_id AS uuid)
        AND everywhere.organization_id IS NULL AND everywhere.state <> 'dontcare'
    LEFT JOIN organization_features theirs ON theirs.feature_id = features.id
        AND theirs.organization_id = place.id AND theirs.state <> 'dontcare'
    WHERE coalesce(here.state, everywhere.state, theirs.state,
                   CASE WHEN features.global_enabled THEN 'enabled' END) = 'enabled'
)
""")
"""Whether a feature is on: a user's own state wins, the one in the organization before the one everywhere, then the
organization's, then the global setting. Of several organizations one is enough."""


async def read(session: AsyncSession, feature_id: str) -> FeatureAttributes:
    """One feature. Raises NotFound."""
    row = (await session.execute(select(Feature).where(Feature.id == feature_id))).scalar_one_or_none()
    if row is None:
        raise NotFound
    return _attributes(row)


async def list_(
    session: AsyncSession, principal: Principal, query: FeatureQuery
) -> Slice[tuple[str, FeatureAttributes]]:
    """A page of features by name: all of them, or those that are on for a user, individual or organization."""
    statement = select(Feature)
    if query.assignable is not None:
        statement = statement.where(Feature.assignable == query.assignable)
    subject = await subject_of(session, principal, query)
    if subject is not None:
        statement = statement.where(_on(subject))
    return await _page(session, statement, query)


def _on(subject: Subject) -> Any:
    return ON.bindparams(organizations=subject.organizations, user_id=subject.user_id)


async def _page(
    session: AsyncSession, statement: Select[Any], query: FeatureQuery
) -> Slice[tuple[str, FeatureAttributes]]:
    ordered = statement.order_by(Feature.id)
    return await rows_of(session, ordered, query.page, lambda row: (row[0].id, _attributes(row[0])))


def _attributes(row: Feature) -> FeatureAttributes:
    return FeatureAttributes(
        assignable=row.assignable,
        description=row.description,
        global_enabled=row.global_enabled,
        stage=row.stage,
        created_time=row.created_at,
        last_modified_time=row.updated_at,
    )
