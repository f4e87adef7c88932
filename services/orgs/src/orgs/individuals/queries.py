"""Reading individuals."""

import operator
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from database import rows_of
from jsonapi import comparators
from kernel import DomainError, Forbidden, NotFound, Problems, Slice
from sqlalchemy import ARRAY, Uuid, any_, bindparam, case, exists, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import Need, Reach, reach_of, readable_individuals, refuse, writable_individuals
from orgs.individual_groups.models import GroupIndividual
from orgs.individuals.models import Individual
from orgs.individuals.schemas import (
    Aggregates,
    IndividualAttributes,
    IndividualQuery,
    IndividualSummary,
    Owner,
    Preferences,
)
from orgs.user_organizations.models import Membership

STAFF = exists().where(
    Membership.user_id == Individual.user_id,
    Membership.organization_id == Individual.organization_id,
    Membership.account_type == "provider",
)
AGGREGATES = literal_column("""(
    SELECT jsonb_object_agg(a."column", jsonb_build_array(a.value, extract(epoch FROM a.computed_at)))
    FROM individual_aggregates a WHERE a.individual_id = individuals.id
)""").label("aggregates")
COLUMNS = (
    Individual.owner_id,
    Individual.owner_type,
    Individual.user_id,
    Individual.first_name,
    Individual.last_name,
    Individual.preferred_name,
    Individual.birth_date,
    Individual.email,
    Individual.phone,
    Individual.tz,
    Individual.email_verified,
    Individual.phone_verified,
    Individual.registered,
    Individual.registration_invite,
    case((STAFF.correlate(Individual), "provider"), else_="patient"),
    Individual.created_at,
    Individual.updated_at,
    Individual.archived_at,
    AGGREGATES,
)
SIGNS: dict[str, Any] = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}


async def read(session: AsyncSession, principal: Principal, individual_id: UUID) -> IndividualAttributes:
    """One individual that the caller may read."""
    await require(session, await reach_of(session, principal), individual_id, "read")
    return await attributes(session, individual_id)


async def attributes(session: AsyncSession, individual_id: UUID) -> IndividualAttributes:
    """One individual for whoever has been let through already."""
    row = (await session.execute(select(*COLUMNS).where(Individual.id == individual_id))).one()
    return _attributes(row)


async def require(session: AsyncSession, reach: Reach, individual_id: UUID, need: Need, *, lock: bool = False) -> Any:
    """The individual's row (id, owner, organization, user). Raises NotFound or Forbidden."""
    statement = select(
        Individual.id,
        Individual.owner_id,
        Individual.owner_type,
        Individual.organization_id,
        Individual.user_id,
        readable_individuals(reach).label("readable"),
        writable_individuals(reach).label("writable"),
    ).where(Individual.id == individual_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    row = (await session.execute(statement)).first()
    if row is None:
        raise NotFound
    if not (row.readable if need == "read" else row.writable):
        raise refuse(reach, row.organization_id, row.readable, "individual", None)
    return row


async def lock_of_organization(
    session: AsyncSession, reach: Reach, organization_id: UUID, ids: list[UUID], pointer: str, *, need_write: bool
) -> None:
    """Lock individuals of an organization in the order of their ids. Raises Problems naming each that is not its own.

    With `need_write` the caller must be allowed to change each: whoever puts an individual into a group of theirs
    gains rights over it.
    """
    allowed = writable_individuals(reach) if need_write else Individual.id.is_not(None)
    statement = (
        select(Individual.id, allowed, readable_individuals(reach))
        .where(Individual.organization_id == organization_id, Individual.id == any_(_ids(ids)))
        .order_by(Individual.id)
        .with_for_update(key_share=True)
    )
    found = {row[0]: (row[1], row[2]) for row in await session.execute(statement)}
    problems: list[DomainError] = []
    for index, identifier in enumerate(ids):
        may, readable = found.get(identifier, (False, False))
        where = f"{pointer}/{index}"
        if not may and readable:
            problems.append(Forbidden("You may not change this individual.", pointer=where))
        elif not may:
            problems.append(NotFound("There is no such individual.", pointer=where))
    if problems:
        raise Problems(problems)


async def list_(
    session: AsyncSession, principal: Principal, query: IndividualQuery
) -> Slice[tuple[UUID, IndividualAttributes]]:
    """A page of the individuals that the caller may read, in the order in which they were registered."""
    reach = await reach_of(session, principal)
    statement = select(Individual.id, *COLUMNS).where(readable_individuals(reach), *_filters(query))
    ordered = statement.order_by(Individual.id)
    return await rows_of(session, ordered, query.page, lambda row: (row[0], _attributes(row[1:])))


def _attributes(row: Sequence[Any]) -> IndividualAttributes:
    """Of a row of COLUMNS."""
    values: list[Any] = [*row[:-1], _aggregates(row[-1] or {})]
    return IndividualAttributes(*values)


def _aggregates(found: dict[str, Any]) -> Aggregates:
    values = {column: value for column, (value, _) in found.items()}
    counts = {name: values.get(name) for name in ("group-count", "cohort-count")}
    login = values.get("last-login")
    return Aggregates(
        group_count=None if counts["group-count"] is None else int(counts["group-count"]),
        last_login_time=None if login is None else datetime.fromtimestamp(login, UTC),
        cohort_count=None if counts["cohort-count"] is None else int(counts["cohort-count"]),
        completion=values.get("completion"),
        computed_times={column: datetime.fromtimestamp(at, UTC) for column, (_, at) in found.items()},
    )


def _filters(query: IndividualQuery) -> list[Any]:
    found: list[Any] = []
    if query.ids is not None:
        found.append(Individual.id == any_(_ids(query.ids)))
    elif not query.include_archived:
        found.append(Individual.archived_at.is_(None))
    if query.organization_id is not None:
        found.append(Individual.organization_id == query.organization_id)
    if query.owner_id is not None:
        found.append(Individual.owner_id == query.owner_id)
    if query.user_id is not None:
        found.append(Individual.user_id == query.user_id)
    if query.group_id is not None:
        held = GroupIndividual.group_id == query.group_id
        found.append(exists().where(GroupIndividual.individual_id == Individual.id, held))
    if query.text:
        found.append(matches(query.text))
    for sign, time in comparators(query.modified, "filter[cmp-last-modified-time]"):
        found.append(SIGNS[sign](Individual.updated_at, time))
    return found


def matches(sought: str) -> Any:
    """Individuals whose names or e-mail contain a text, whatever its case."""
    whole = func.concat_ws(" ", Individual.first_name, Individual.last_name)
    parts = (whole, Individual.preferred_name, Individual.email)
    return or_(*(part.icontains(sought, autoescape=True) for part in parts))


NO_PREFERENCES = Preferences()
SUMMARY = """i.id, i.first_name, i.last_name, i.preferred_name, i.birth_date, i.owner_id, i.owner_type,
    i.communication_preferences, i.email_verified, i.phone_verified, i.registered, i.registration_invite, i.tz"""
"""The columns of `summary`, in their order."""


def summary(columns: Sequence[Any]) -> IndividualSummary:
    """An individual as groups show it, from the columns of `SUMMARY`."""
    identifier, first, last, preferred, born, owner, kind, wishes, mail, phone, registered, invite, tz = columns
    name = preferred or " ".join(part for part in (first, last) if part)
    chosen, verified = preferences(wishes), mail or phone
    facts = (identifier, first, last, preferred, name, born, Owner(owner, kind))
    return IndividualSummary(*facts, chosen, mail, phone, verified, registered, invite, tz)


def decoded(stored: Any) -> dict[str, Any]:
    """A JSON object of a row: SQLAlchemy gives it decoded, asyncpg as text."""
    return msgspec.json.decode(stored) if isinstance(stored, str) else stored or {}


def preferences(stored: Any) -> Preferences:
    """Stored preferences, every channel present."""
    if not stored or stored == "{}":
        return NO_PREFERENCES
    known = {name: value for name, value in decoded(stored).items() if name in Preferences.__struct_fields__}
    return Preferences(**{name: value for name, value in known.items() if isinstance(value, dict)})


def _ids(values: list[UUID]) -> Any:
    return bindparam(None, values, ARRAY(Uuid()), unique=True)
