"""Reading organization codes."""

from typing import Any

import msgspec
from chassis.principal import Principal
from database import rows_of
from kernel import NotFound, Slice
from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import Need, reach_of, readable_organizations, require_organization
from orgs.individual_groups.models import Group
from orgs.organization_codes.models import OrganizationCode, OrganizationCodeUser
from orgs.organization_codes.schemas import (
    CodeAttributes,
    CodeGroup,
    CodeOrganization,
    CodeQuery,
    CodeUserAttributes,
    CodeUserQuery,
)
from orgs.organizations.models import Organization
from orgs.people.models import Person


async def require(session: AsyncSession, principal: Principal, code: str, need: Need) -> Any:
    """A code's row, if its organization allows the caller this. Raises NotFound or Forbidden."""
    row = (await session.execute(_rows().where(OrganizationCode.code == code))).first()
    if row is None:
        raise NotFound
    await require_organization(session, principal, row.organization_id, need)
    return row


async def read(session: AsyncSession, principal: Principal, code: str) -> CodeAttributes:
    """One code."""
    return _attributes(await require(session, principal, code, "read"))


async def list_(session: AsyncSession, principal: Principal, query: CodeQuery) -> Slice[tuple[str, CodeAttributes]]:
    """A page of the codes of organizations that the caller may read, in their own order."""
    reach = await reach_of(session, principal)
    statement = _rows().where(readable_organizations(reach, OrganizationCode.organization_id))
    if query.organization_id is not None:
        statement = statement.where(OrganizationCode.organization_id == query.organization_id)
    ordered = statement.order_by(OrganizationCode.code)
    return await rows_of(session, ordered, query.page, lambda row: (row.code, _attributes(row)))


async def users(
    session: AsyncSession, principal: Principal, code: str, query: CodeUserQuery
) -> Slice[tuple[Any, CodeUserAttributes]]:
    """A page of those who came by a code, for the organization's administrators."""
    await require(session, principal, code, "write")
    statement = (
        select(OrganizationCodeUser.user_id, Person.account)
        .outerjoin(Person, Person.user_id == OrganizationCodeUser.user_id)
        .where(OrganizationCodeUser.code == code, *_user_filters(query))
    )
    ordered = statement.order_by(OrganizationCodeUser.user_id)
    return await rows_of(session, ordered, query.page, lambda row: (row.user_id, _user(row.account)))


def _user_filters(query: CodeUserQuery) -> list[Any]:
    found: list[Any] = []
    if query.email is not None:
        found.append(func.lower(Person.email) == query.email.lower())
    if query.email_verified is not None:
        found.append(Person.email_verified == query.email_verified)
    if query.state is not None:
        found.append(Person.state == query.state)
    if query.text:
        whole = func.concat_ws(" ", Person.first_name, Person.last_name)
        parts = (whole, Person.email, Person.username)
        found.append(or_(*(part.icontains(query.text, autoescape=True) for part in parts)))
    return found


def _user(account: dict[str, Any] | None) -> CodeUserAttributes:
    return msgspec.convert(account or {}, CodeUserAttributes, strict=False)


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            OrganizationCode.code,
            OrganizationCode.organization_id,
            OrganizationCode.group_id,
            OrganizationCode.expires_at,
            OrganizationCode.enrollment_schema,
            OrganizationCode.auto_confirm,
            OrganizationCode.sign_up_count,
            Organization.name,
            Organization.display_name,
            Organization.is_active,
            Group.name.label("group_name"),
        )
        .join(Organization, Organization.id == OrganizationCode.organization_id)
        .outerjoin(Group, Group.id == OrganizationCode.group_id)
    )


def _attributes(row: Any) -> CodeAttributes:
    return CodeAttributes(
        organization=CodeOrganization(row.organization_id, row.name, row.display_name, row.is_active),
        individual_group=CodeGroup(row.group_id, row.group_name) if row.group_id else None,
        expires_at=row.expires_at,
        enrollment_schema=row.enrollment_schema,
        auto_confirm=row.auto_confirm,
        sign_up_requests_count=row.sign_up_count,
    )
