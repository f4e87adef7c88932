"""Reading organizations' states of features."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import rows_of
from kernel import NotFound, Slice
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import reach_of, readable_organizations
from orgs.features.models import Feature
from orgs.organization_features.models import OrganizationFeature
from orgs.organization_features.schemas import OrganizationFeatureAttributes, OrganizationFeatureQuery
from orgs.organizations.models import Organization


async def list_(
    session: AsyncSession, principal: Principal, query: OrganizationFeatureQuery
) -> Slice[tuple[UUID, OrganizationFeatureAttributes]]:
    """A page of the states of organizations that the caller may read."""
    statement = await _readable(session, principal)
    if query.feature_name is not None:
        statement = statement.where(OrganizationFeature.feature_id == query.feature_name)
    if query.organization_id is not None:
        statement = statement.where(OrganizationFeature.organization_id == query.organization_id)
    return await rows_of(session, statement.order_by(OrganizationFeature.id), query.page, _attributes)


async def read(
    session: AsyncSession, principal: Principal, identifier: UUID
) -> tuple[UUID, OrganizationFeatureAttributes]:
    """One state of an organization that the caller may read. Raises NotFound."""
    statement = await _readable(session, principal)
    row = (await session.execute(statement.where(OrganizationFeature.id == identifier))).first()
    if row is None:
        raise NotFound
    return _attributes(row)


async def _readable(session: AsyncSession, principal: Principal) -> Select[*tuple[Any, ...]]:
    reach = await reach_of(session, principal)
    columns = (
        OrganizationFeature.id,
        Feature.assignable,
        Feature.id.label("feature_id"),
        Organization.id.label("organization_id"),
        Organization.name,
        OrganizationFeature.state,
    )
    return (
        select(*columns)
        .join(Feature, Feature.id == OrganizationFeature.feature_id)
        .join(Organization, Organization.id == OrganizationFeature.organization_id)
        .where(readable_organizations(reach, OrganizationFeature.organization_id))
    )


def _attributes(row: Any) -> tuple[UUID, OrganizationFeatureAttributes]:
    return row.id, OrganizationFeatureAttributes(
        feature_assignable=row.assignable,
        feature_id=row.feature_id,
        feature_name=row.feature_id,
        organization_id=row.organization_id,
        organization_name=row.name,
        state=row.state,
    )
