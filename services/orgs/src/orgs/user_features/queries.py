"""Reading users' states of features."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import rows_of
from kernel import NotFound, Slice
from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import administered, reach_of
from orgs.people.models import Person
from orgs.user_features.models import UserFeature
from orgs.user_features.schemas import UserFeatureAttributes, UserFeatureQuery


async def list_(
    session: AsyncSession, principal: Principal, query: UserFeatureQuery
) -> Slice[tuple[UUID, UserFeatureAttributes]]:
    """A page of states: the caller's own and those in organizations that they administer; staff and services: all."""
    statement = (await _readable(session, principal)).where(*_filters(query))
    return await rows_of(session, statement.order_by(UserFeature.id), query.page, _attributes)


async def read(session: AsyncSession, principal: Principal, identifier: UUID) -> tuple[UUID, UserFeatureAttributes]:
    """One state that the caller may read. Raises NotFound."""
    statement = (await _readable(session, principal)).where(UserFeature.id == identifier)
    row = (await session.execute(statement)).first()
    if row is None:
        raise NotFound
    return _attributes(row)


async def _readable(session: AsyncSession, principal: Principal) -> Select[*tuple[Any, ...]]:
    columns = (
        UserFeature.id,
        UserFeature.feature_id,
        UserFeature.organization_id,
        UserFeature.state,
        Person.email,
        UserFeature.user_id,
    )
    statement = select(*columns).outerjoin(Person, Person.user_id == UserFeature.user_id)
    if principal.is_support or principal.service is not None:
        return statement
    reach = await reach_of(session, principal)
    own = UserFeature.user_id == reach.user_id if reach.user_id else false()
    return statement.where(or_(administered(reach, UserFeature.organization_id), own))


def _filters(query: UserFeatureQuery) -> list[Any]:
    found: list[Any] = []
    if query.feature_name is not None:
        found.append(UserFeature.feature_id == query.feature_name)
    if query.organization_id is not None:
        found.append(UserFeature.organization_id == query.organization_id)
    if query.user_id is not None:
        found.append(UserFeature.user_id == query.user_id)
    if query.user_email is not None:
        found.append(func.lower(Person.email) == query.user_email.lower())
    return found


def _attributes(row: Any) -> tuple[UUID, UserFeatureAttributes]:
    return row.id, UserFeatureAttributes(
        feature_id=row.feature_id,
        feature_name=row.feature_id,
        organization_id=row.organization_id,
        state=row.state,
        user_email=row.email,
        user_id=row.user_id,
    )
