"""Who could be added to a group."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from jsonapi import PageMeta
from sqlalchemy import Select, case, exists, func, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import Reach, reach_of, writable_individuals
from orgs.individual_groups.models import GroupIndividual, GroupStaff
from orgs.individual_groups.queries import require
from orgs.individual_groups.schemas import EligiblePeople, EligiblePerson, EligibleQuery
from orgs.individuals.models import Individual
from orgs.individuals.queries import matches, preferences
from orgs.people.models import Person
from orgs.user_organizations.models import Membership

EVERYBODY = text("""
SELECT individuals_count FROM individual_groups WHERE organization_id = :id AND type = 'all_participants'
""")


async def eligible_members(
    session: AsyncSession, principal: Principal, group_id: UUID, query: EligibleQuery
) -> EligiblePeople:
    """A page of who could be added to a group that the caller may change: staff, or individuals the caller may change.

    With `for_children` those who are in the group already count, too: they could be added to the groups below it.
    """
    reach = await reach_of(session, principal)
    group = await require(session, reach, group_id, "write")
    if query.member_type == "individual":
        statement = _individuals(group, query).where(writable_individuals(reach))
    else:
        statement = _staff(group, query)
    total = await _total(session, reach, group, query, statement)
    page = statement.order_by("id").limit(query.limit).offset(query.offset)
    people = [_person(row, query) for row in await session.execute(page)]
    return EligiblePeople(people, PageMeta(query.limit, query.offset, total))


async def _total(
    session: AsyncSession, reach: Reach, group: Any, query: EligibleQuery, statement: Select[*tuple[Any, ...]]
) -> int:
    """How many there are. All individuals of an administered organization are not counted one by one."""
    filtered = query.text or query.registration_invite is not None or query.verified is not None
    every = query.member_type == "individual" and group.type == "regular" and not filtered
    if every and group.organization_id in reach.admin_of:
        everybody = await session.scalar(EVERYBODY, {"id": group.organization_id}) or 0
        return everybody - (0 if query.for_children else group.individuals_count)
    return (await session.execute(select(func.count()).select_from(statement.subquery()))).scalar_one()


def _individuals(group: Any, query: EligibleQuery) -> Select[*tuple[Any, ...]]:
    statement = select(
        Individual.id.label("id"),
        Individual.first_name,
        Individual.last_name,
        Individual.email,
        Individual.email_verified,
        Individual.phone_verified,
        Individual.id.label("individual_id"),
        Individual.communication_preferences.label("preferences"),
    ).where(Individual.organization_id == group.organization_id)
    if group.type != "regular":
        statement = statement.where(literal(False))
    if not query.for_children:
        here = exists().where(GroupIndividual.group_id == group.id, GroupIndividual.individual_id == Individual.id)
        statement = statement.where(~here)
    if query.text:
        statement = statement.where(matches(query.text))
    return _standing(statement, query, Individual)


def _staff(group: Any, query: EligibleQuery) -> Select[*tuple[Any, ...]]:
    individual = case(
        (Person.account["primary-individual-id"].astext != "", Person.account["primary-individual-id"].astext),
        else_=None,
    )
    statement = (
        select(
            Membership.user_id.label("id"),
            Person.first_name,
            Person.last_name,
            Person.email,
            func.coalesce(Person.email_verified, False).label("email_verified"),
            func.coalesce(Person.phone_verified, False).label("phone_verified"),
            individual.label("individual_id"),
            Person.account["communication-preferences"].label("preferences"),
        )
        .outerjoin(Person, Person.user_id == Membership.user_id)
        .where(Membership.organization_id == group.organization_id, Membership.account_type == "provider")
    )
    if not query.for_children:
        same = (GroupStaff.user_id == Membership.user_id) & (GroupStaff.kind == query.member_type)
        statement = statement.where(~exists().where(GroupStaff.group_id == group.id, same))
    if query.text:
        whole = func.concat_ws(" ", Person.first_name, Person.last_name)
        parts = (whole, Person.email, Person.username)
        statement = statement.where(or_(*(part.icontains(query.text, autoescape=True) for part in parts)))
    return _standing(statement, query, Person)


def _standing(statement: Select[*tuple[Any, ...]], query: EligibleQuery, table: Any) -> Select[*tuple[Any, ...]]:
    if query.registration_invite is not None:
        invite = func.coalesce(table.registration_invite, "none")
        statement = statement.where(invite == query.registration_invite)
    if query.verified is not None:
        verified = func.coalesce(table.email_verified | table.phone_verified, False)
        statement = statement.where(verified if query.verified else ~verified)
    return statement


def _person(row: Any, query: EligibleQuery) -> EligiblePerson:
    identifier = row.individual_id
    return EligiblePerson(
        id=row.id,
        member_type=query.member_type,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        email_verified=row.email_verified,
        phone_verified=row.phone_verified,
        verified=row.email_verified or row.phone_verified,
        individual_id=UUID(identifier) if isinstance(identifier, str) else identifier,
        communication_preferences=preferences(row.preferences),
    )
