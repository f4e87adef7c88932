"""Reading memberships."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import rows_of
from kernel import DomainError, Invalid, NotFound, Problems, Slice
from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from orgs.access.queries import reach_of, readable_organizations
from orgs.organizations.models import Organization
from orgs.user_organizations.models import Membership
from orgs.user_organizations.schemas import MembershipAttributes, MembershipQuery

STANDING = text("SELECT user_id, account_type FROM memberships WHERE organization_id = :id AND user_id = ANY(:users)")


async def list_(
    session: AsyncSession, principal: Principal, query: MembershipQuery
) -> Slice[tuple[UUID, MembershipAttributes]]:
    """A page of memberships: the caller's own, and those of organizations that the caller may read."""
    reach = await reach_of(session, principal)
    visible = readable_organizations(reach, Membership.organization_id)
    if principal.user_id is not None:
        visible = or_(visible, Membership.user_id == principal.user_id)
    statement = _rows().where(visible)
    if query.organization_id is not None:
        statement = statement.where(Membership.organization_id == query.organization_id)
    if query.user_id is not None:
        statement = statement.where(Membership.user_id == query.user_id)
    return await rows_of(session, statement.order_by(Membership.id), query.page, _attributes)


async def read(session: AsyncSession, organization_id: UUID, user_id: UUID) -> tuple[UUID, MembershipAttributes]:
    """One membership for whoever has been let through already."""
    statement = _rows().where(Membership.organization_id == organization_id, Membership.user_id == user_id)
    return _attributes((await session.execute(statement)).one())


async def require_staff(session: AsyncSession, organization_id: UUID, users: list[UUID], pointer: str) -> None:
    """Raise Problems naming each of `users` who is not staff of the organization; `pointer` is that of the list."""
    found = await session.execute(STANDING, {"id": organization_id, "users": users})
    standing = {row.user_id: row.account_type for row in found}
    problems: list[DomainError] = []
    for index, user in enumerate(users):
        if user not in standing:
            problems.append(NotFound("There is no such person in the organization.", pointer=f"{pointer}/{index}"))
        elif standing[user] != "provider":
            problems.append(Invalid("A participant is not staff.", pointer=f"{pointer}/{index}"))
    if problems:
        raise Problems(problems)


def _rows() -> Select[*tuple[Any, ...]]:
    others = aliased(Membership)
    count = (
        select(func.count()).select_from(others).where(others.user_id == Membership.user_id).correlate(Membership)
    ).scalar_subquery()
    return select(
        Membership.id,
        count,
        Organization.display_name,
        Organization.id,
        Organization.name,
        Membership.user_id,
        Membership.account_type,
        Membership.roles,
    ).join(Organization, Organization.id == Membership.organization_id)


def _attributes(row: Any) -> tuple[UUID, MembershipAttributes]:
    return row[0], MembershipAttributes(*row[1:])
