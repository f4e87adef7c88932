"""Reading users."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from jsonapi import comparators
from kernel import Invalid, NotFound, Slice
from sqlalchemy import Select, and_, exists, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.service_accounts.models import ServiceAccount
from identity.usernames import checked_phone, comparable
from identity.users import invitations
from identity.users.models import User, UserOrganization, UserRole
from identity.users.parameters import UsersQuery
from identity.users.visibility import sees_all, staffed, visible

INACTIVE = ("disabled", "registered_disabled", "archived")
UNVERIFIED = ("init", "registered", "registered_disabled")
COMPARE: dict[str, Any] = {
    "<": User.updated_at.__lt__,
    "<=": User.updated_at.__le__,
    ">": User.updated_at.__gt__,
    ">=": User.updated_at.__ge__,
}
SORTS: dict[str, Any] = {
    "id": User.id,
    "email": func.coalesce(User.email_key, ""),
    "first-name": User.first_name_key,
    "last-name": User.last_name_key,
}


async def read(session: AsyncSession, principal: Principal, user_id: UUID, *, lock: bool = False) -> User:
    """A user whom the caller sees, locked on demand. Raises NotFound."""
    statement = select(User).where(User.id == user_id, visible(principal))
    row = (await session.scalars(statement.with_for_update(of=User) if lock else statement)).first()
    if row is None:
        raise NotFound
    return row


async def list_(session: AsyncSession, principal: Principal, parameters: UsersQuery) -> Slice[User]:
    """One page of the users that the caller sees. Raises NotFound for an organization that is not theirs."""
    statement = select(User).where(visible(principal), ~exists().where(ServiceAccount.id == User.id))
    if parameters.organization_id is not None:
        await _check_organization(session, principal, parameters.organization_id)
        statement = statement.where(_in_organization(parameters.organization_id))
    statement = _belonging(_matching(_standing(statement, parameters), parameters), parameters)
    statement = _ordered(statement, parameters)
    return await page_of(session, statement, parameters.page)


async def _check_organization(session: AsyncSession, principal: Principal, organization_id: UUID) -> None:
    if sees_all(principal):
        return
    found = await session.scalar(staffed(principal).where(UserOrganization.organization_id == organization_id))
    if found is None:
        raise NotFound(parameter="organization-id")


def _standing(statement: Select[Any], asked: UsersQuery) -> Select[Any]:
    """The default, verified and active staff, as far as it is not widened or asked for explicitly."""
    if asked.enabled is not None:
        statement = statement.where(User.state.not_in(INACTIVE) if asked.enabled else User.state.in_(INACTIVE))
    elif not asked.include_inactive:
        statement = statement.where(User.state.not_in(INACTIVE))
    if asked.email_verified is not None:
        statement = statement.where(User.email_verified.is_(asked.email_verified))
    if not asked.include_unverified and asked.email_verified is not False:
        statement = statement.where(User.state.not_in(UNVERIFIED))
    if not asked.include_participants:
        statement = statement.where(_is_staff(asked.organization_id))
    if not asked.include_tester:
        statement = statement.where(User.classification != "customer_test")
    return statement


def _matching(statement: Select[Any], asked: UsersQuery) -> Select[Any]:
    if asked.text:
        statement = statement.where(_contains(asked.text))
    if asked.email is not None:
        statement = statement.where(User.email_key == comparable(asked.email))
    if asked.username is not None:
        statement = statement.where(User.username_key == comparable(asked.username))
    if asked.phone_number is not None:
        number = _number(asked.phone_number)
        statement = statement.where(User.phone == number)
    if asked.classification is not None:
        statement = statement.where(User.classification == asked.classification)
    if asked.primary_individual_ids is not None:
        statement = statement.where(User.primary_individual_id.in_(asked.primary_individual_ids))
    for sign, time in comparators(asked.modified, "filter[cmp-last-modified-time]"):
        statement = statement.where(COMPARE[sign](time))
    return statement


def _number(text: str) -> str:
    """A phone number whose `+` was sent as it is, which reads as a blank, too."""
    plain = f"+{text.lstrip()}" if text.startswith(" ") else text
    return checked_phone(plain, parameter="filter[phone-number]")


def _belonging(statement: Select[Any], asked: UsersQuery) -> Select[Any]:
    if asked.registration_invite:
        statement = statement.where(invitations.in_states(asked.registration_invite))
    if asked.organization_admin:
        statement = statement.where(_is_admin(asked.organization_id))
    if asked.shared_with_id is not None:
        statement = statement.where(_shared_with(asked.shared_with_id))
    return statement


def _ordered(statement: Select[Any], asked: UsersQuery) -> Select[Any]:
    """By what was asked for; of those who claim one address, the person whose it is comes first."""
    if asked.email is not None and not asked.sort_by:
        return statement.order_by(User.email_verified.desc(), User.id)
    name = asked.sort_by[0] if asked.sort_by else "id"
    column = SORTS[name.removeprefix("-")]
    return statement.order_by(column.desc() if name.startswith("-") else column.asc(), User.id)


def _contains(text: str) -> Any:
    if "\x00" in text:
        raise Invalid("This cannot stand in a name.", parameter="text")
    folded = comparable(text)
    full = User.first_name_key + literal_column("' '") + User.last_name_key
    columns = (full, User.preferred_name_key, User.username_key, User.email_key)
    return or_(*(column.contains(folded, autoescape=True) for column in columns))


def _in_organization(organization_id: UUID) -> Any:
    return exists().where(UserOrganization.user_id == User.id, UserOrganization.organization_id == organization_id)


def _shared_with(identifier: UUID) -> Any:
    """In that organization, or in one that that user is staff of."""
    theirs = select(UserOrganization.organization_id).where(
        UserOrganization.user_id == identifier, UserOrganization.account_type == "provider"
    )
    beside = exists().where(
        UserOrganization.user_id == User.id, User.id != identifier, UserOrganization.organization_id.in_(theirs)
    )
    return or_(_in_organization(identifier), beside)


def _is_staff(organization_id: UUID | None) -> Any:
    """Staff of the organization that is asked for, else of any; people of the operator's have none."""
    member = exists().where(UserOrganization.user_id == User.id, UserOrganization.account_type == "provider")
    if organization_id is not None:
        return member.where(UserOrganization.organization_id == organization_id)
    return or_(User.account_type == "provider", member)


def _is_admin(organization_id: UUID | None) -> Any:
    inside = and_(UserOrganization.user_id == User.id, UserOrganization.role == "org.admin")
    given = and_(UserRole.user_id == User.id, UserRole.name == "org.admin")
    if organization_id is not None:
        inside = and_(inside, UserOrganization.organization_id == organization_id)
        given = and_(given, UserRole.organization_id == organization_id)
    return or_(exists().where(inside), exists().where(given))
