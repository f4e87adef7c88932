"""Who could be added to a group."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import Templates
from jsonapi import PageMeta
from sqlalchemy import Integer, Select, Text, Uuid, bindparam, case, exists, false, func, or_, select

from orgs.access.queries import Reach, reach_at, writable_individuals
from orgs.individual_groups.filters import contains
from orgs.individual_groups.models import GroupIndividual, GroupStaff
from orgs.individual_groups.queries import group_at
from orgs.individual_groups.schemas import EligiblePeople, EligiblePerson, EligibleQuery
from orgs.individuals.models import Individual
from orgs.individuals.queries import preferences
from orgs.people.models import Person
from orgs.user_organizations.models import Membership

TEMPLATES = Templates()
EVERYBODY = """
SELECT individuals_count FROM individual_groups WHERE organization_id = $1 AND type = 'all_participants'
"""


async def eligible_members(
    runtime: Runtime, principal: Principal, group_id: UUID, query: EligibleQuery
) -> EligiblePeople:
    """A page of who could be added to a group that the caller may change: staff, or individuals the caller may change.

    With `for_children` those who are in the group already count, too: they could be added to the groups below it.
    """
    reach = await reach_at(runtime, principal)
    group = await group_at(runtime, reach, group_id, "write")
    pattern = contains(query.text or "")
    values = reach.values | {"group": group_id, "organization": group.organization_id, "pattern": pattern}
    values |= {"invite": query.registration_invite, "limit": query.limit, "offset": query.offset}
    holds = query.member_type != "individual" or group.type == "regular"
    asked = (query.member_type, query.for_children, bool(query.text), query.registration_invite is None, query.verified)
    shape = (reach.shape, holds, *asked)
    total = await _total(runtime, reach, group, query, (shape, values))
    page = TEMPLATES.get(("page", *shape), lambda: _page(_people(reach, query, holds=holds)))
    rows = await runtime.row.all(page.sql, *page.values(values)) if total > query.offset else ()
    return EligiblePeople([_person(row, query) for row in rows], PageMeta(query.limit, query.offset, total))


async def _total(
    runtime: Runtime, reach: Reach, group: Any, query: EligibleQuery, asked: tuple[Any, dict[str, Any]]
) -> int:
    """How many there are. All individuals of an administered organization are not counted one by one."""
    shape, values = asked
    filtered = query.text or query.registration_invite is not None or query.verified is not None
    every = query.member_type == "individual" and group.type == "regular" and not filtered
    if every and group.organization_id in reach.admin_of:
        everybody = (await runtime.row.all(EVERYBODY, group.organization_id))[0][0]
        return everybody - (0 if query.for_children else group.individuals_count)
    holds = query.member_type != "individual" or group.type == "regular"
    counting = TEMPLATES.get(("total", *shape), lambda: _counted(_people(reach, query, holds=holds)))
    return (await runtime.row.all(counting.sql, *counting.values(values)))[0][0]


def _page(people: Select[*tuple[Any, ...]]) -> Any:
    limit, offset = bindparam("limit", type_=Integer()), bindparam("offset", type_=Integer())
    return people.order_by("id").limit(limit).offset(offset)


def _counted(people: Select[*tuple[Any, ...]]) -> Any:
    return select(func.count()).select_from(people.subquery())


def _people(reach: Reach, query: EligibleQuery, *, holds: bool) -> Select[*tuple[Any, ...]]:
    if query.member_type == "individual":
        return _individuals(query).where(writable_individuals(reach) if holds else false())
    return _staff(query)


def _individuals(query: EligibleQuery) -> Select[*tuple[Any, ...]]:
    statement = select(
        Individual.id.label("id"),
        Individual.first_name,
        Individual.last_name,
        Individual.email,
        Individual.email_verified,
        Individual.phone_verified,
        Individual.id.label("individual_id"),
        Individual.communication_preferences.label("preferences"),
    ).where(Individual.organization_id == bindparam("organization", type_=Uuid()))
    if not query.for_children:
        here = GroupIndividual.group_id == bindparam("group", type_=Uuid())
        statement = statement.where(~exists().where(here, GroupIndividual.individual_id == Individual.id))
    if query.text:
        statement = statement.where(_contain(Individual.preferred_name, Individual.email, *_named(Individual)))
    return _standing(statement, query, Individual)


def _staff(query: EligibleQuery) -> Select[*tuple[Any, ...]]:
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
        .where(Membership.organization_id == bindparam("organization", type_=Uuid()))
        .where(Membership.account_type == "provider")
    )
    if not query.for_children:
        same = (GroupStaff.user_id == Membership.user_id) & (GroupStaff.kind == query.member_type)
        here = GroupStaff.group_id == bindparam("group", type_=Uuid())
        statement = statement.where(~exists().where(here, same))
    if query.text:
        statement = statement.where(_contain(Person.email, Person.username, *_named(Person)))
    return _standing(statement, query, Person)


def _named(table: Any) -> list[Any]:
    return [func.concat_ws(" ", table.first_name, table.last_name)]


def _contain(*columns: Any) -> Any:
    pattern = func.lower(bindparam("pattern", type_=Text()))
    return or_(*(func.lower(column).like(pattern, escape="/") for column in columns))


def _standing(statement: Select[*tuple[Any, ...]], query: EligibleQuery, table: Any) -> Select[*tuple[Any, ...]]:
    if query.registration_invite is not None:
        invite = func.coalesce(table.registration_invite, "none")
        statement = statement.where(invite == bindparam("invite", type_=Text()))
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
