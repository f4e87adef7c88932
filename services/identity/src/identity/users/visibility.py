"""Whom a caller may see and whom they may change, by the rows that concern them."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from sqlalchemy import ColumnElement, and_, exists, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.deletion_requests.visibility import being_erased
from identity.users.models import User, UserOrganization, UserRole

ADMINISTERS_ALL = """
    SELECT count(*) > 0 AND bool_and(EXISTS (
               SELECT FROM user_organizations a
                WHERE a.user_id = {caller} AND a.organization_id = o.organization_id AND a.account_type = 'provider'
                  AND (a.role = 'org.admin' OR EXISTS (
                      SELECT FROM user_roles r
                       WHERE r.user_id = {caller} AND r.organization_id = o.organization_id AND r.name = 'org.admin'))))
      FROM user_organizations o WHERE o.user_id = {user}
"""
"""Whether one user administers every organization of another, who belongs to one at least."""
ADMINISTERS = text(ADMINISTERS_ALL.format(caller=":caller", user=":user_id"))
ADMIN_OF = text("""
    SELECT EXISTS (SELECT FROM user_organizations a
                    WHERE a.user_id = :user_id AND a.organization_id = :organization_id
                      AND a.account_type = 'provider'
                      AND (a.role = 'org.admin' OR EXISTS (
                          SELECT FROM user_roles r
                           WHERE r.user_id = :user_id AND r.organization_id = :organization_id
                             AND r.name = 'org.admin')))
""")


def sees_all(principal: Principal) -> bool:
    """Whether a caller sees every user: the operator's staff and services."""
    return principal.is_support or principal.service is not None


def visible(principal: Principal) -> ColumnElement[bool]:
    """The users whom a caller sees: all, or themselves and those of the organizations that they are staff of.

    Nobody sees a person who is being erased: what is read of them now could outlive them elsewhere.
    """
    if sees_all(principal):
        return ~being_erased()
    shared = select(UserOrganization.user_id).where(UserOrganization.organization_id.in_(staffed(principal)))
    return and_(or_(User.id == principal.user_id, User.id.in_(shared)), ~being_erased())


def staffed(principal: Principal) -> Any:
    """The organizations that a caller is staff of."""
    return select(UserOrganization.organization_id).where(
        UserOrganization.user_id == principal.user_id, UserOrganization.account_type == "provider"
    )


def administered(principal: Principal, column: Any) -> ColumnElement[bool]:
    """Rows of organizations that the caller administers."""
    mine = UserOrganization.__table__.alias("mine")
    given = exists().where(
        UserRole.user_id == mine.c.user_id,
        UserRole.organization_id == mine.c.organization_id,
        UserRole.name == "org.admin",
    )
    return exists().where(
        and_(
            mine.c.organization_id == column,
            mine.c.user_id == principal.user_id,
            mine.c.account_type == "provider",
            or_(mine.c.role == "org.admin", given),
        )
    )


async def administers(session: AsyncSession, principal: Principal, user_id: UUID) -> bool:
    """Whether a caller may change the user's standing: the operator, or an admin of every organization of theirs."""
    if principal.is_operator:
        return True
    values = {"caller": principal.user_id, "user_id": user_id}
    return principal.user_id is not None and bool(await session.scalar(ADMINISTERS, values))


async def admin_of(session: AsyncSession, user_id: UUID | None, organization_id: UUID) -> bool:
    """Whether a user administers an organization."""
    values = {"user_id": user_id, "organization_id": organization_id}
    return user_id is not None and bool(await session.scalar(ADMIN_OF, values))


async def belongs(session: AsyncSession, user_id: UUID | None, organization_id: UUID) -> bool:
    """Whether a user is staff or a participant of an organization."""
    return user_id is not None and await session.get(UserOrganization, (user_id, organization_id)) is not None
