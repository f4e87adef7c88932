"""Changing individuals."""

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.orgs import IndividualArchived, IndividualRegistered, IndividualUpdated
from kernel import Conflict, Invalid, NotFound, uuid7
from messaging import publish
from msgspec import UNSET
from sqlalchemy import func, select, text
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_together
from orgs.access.queries import reach_of, require_organization
from orgs.individual_groups.commands import take_in
from orgs.individuals.models import Individual
from orgs.individuals.queries import attributes, require
from orgs.individuals.schemas import IndividualAttributes, IndividualChanges, NewIndividual
from orgs.organizations.queries import exists
from orgs.people import commands as people
from orgs.people.identity import User

BODY = "/data/attributes"
COLLEAGUE = text(
    "SELECT true FROM memberships WHERE user_id = :user_id AND organization_id = ANY(:organizations) LIMIT 1"
)


async def create(
    session: AsyncSession, principal: Principal, runtime: Runtime, new: NewIndividual
) -> tuple[UUID, IndividualAttributes]:
    """Register an individual with its owner: an organization that the caller administers, or a user.

    A user may be the caller, somebody of an organization that the caller administers, or anybody for another service.
    """
    _check_zone(new.tz)
    owned = await require_owner(session, principal, runtime, new.owner_id, f"{BODY}/owner-id")
    values = msgspec.structs.asdict(new)
    identifier = values.pop("individual_id") or uuid7()
    organization_id = new.owner_id if owned else None
    if not await register(session, identifier, organization_id, created_by=principal.user_id, **values):
        raise Conflict("There is an individual with this id.", pointer=f"{BODY}/individual-id")
    return identifier, await attributes(session, identifier)


async def register(
    session: AsyncSession, individual_id: UUID, organization_id: UUID | None, owner_id: UUID, **values: Any
) -> bool:
    """Insert an individual and put it into its organization's kept groups. False where the id is taken already."""
    owner_type = "user" if organization_id is None else "organization"
    owner: dict[str, Any] = {"owner_id": owner_id, "owner_type": owner_type, "organization_id": organization_id}
    if organization_id is not None:
        await forest_together(session, organization_id)
    statement = insert(Individual).values(id=individual_id, **owner, **values)
    made = await session.scalar(statement.on_conflict_do_nothing().returning(Individual.id))
    if made is None:
        return False
    await publish(session, IndividualRegistered(individual_id=individual_id, user_id=values.get("user_id"), **owner))
    if organization_id is not None:
        await take_in(session, organization_id, [individual_id])
    return True


async def update(
    session: AsyncSession, principal: Principal, individual_id: UUID, changes: IndividualChanges
) -> IndividualAttributes:
    """Change what is given."""
    row = await require(session, await reach_of(session, principal), individual_id, "write", lock=True)
    values = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    _check_zone(values.get("tz"))
    if values:
        await _set(session, row, values)
    return await attributes(session, individual_id)


async def archive(session: AsyncSession, individual_id: UUID) -> None:
    """Keep an individual as it is and announce that it is archived; twice changes nothing. An unknown one is, too."""
    marked = {"archived_at": func.coalesce(Individual.archived_at, func.clock_timestamp())}
    statement = sql_update(Individual).where(Individual.id == individual_id).values(marked)
    found = await session.execute(statement.returning(Individual.organization_id))
    row = found.first()
    organization_id = row.organization_id if row else None
    await publish(session, IndividualArchived(individual_id=individual_id, organization_id=organization_id))


async def follow_user(session: AsyncSession, user: User) -> None:
    """Bring the individuals whose own login this is up to what identity says of the person."""
    statement = select(Individual).where(Individual.user_id == user.id).order_by(Individual.id).with_for_update()
    for individual in await session.scalars(statement):
        wanted = of_user(user)
        if any(getattr(individual, name) != value for name, value in wanted.items()):
            await _set(session, individual, wanted)


def of_user(user: User) -> dict[str, Any]:
    """An individual's columns from its own user's account."""
    account, columns = user.account, people.columns(user)
    return {
        "first_name": columns["first_name"],
        "last_name": columns["last_name"],
        "birth_date": people.birth_date(account),
        "email": columns["email"],
        "phone": account.get("phone") or None,
        "tz": account.get("tz"),
        "email_verified": columns["email_verified"],
        "phone_verified": columns["phone_verified"],
        "registered": bool(account.get("registered", True)),
        "registration_invite": columns["registration_invite"],
        "communication_preferences": account.get("communication-preferences") or {},
    }


async def _set(session: AsyncSession, row: Any, values: dict[str, Any]) -> None:
    changed = {**values, "updated_at": func.clock_timestamp()}
    statement = sql_update(Individual).where(Individual.id == row.id).values(changed)
    await session.execute(statement.execution_options(synchronize_session=False))
    owner = {"owner_id": row.owner_id, "owner_type": row.owner_type, "organization_id": row.organization_id}
    await publish(session, IndividualUpdated(individual_id=row.id, user_id=row.user_id, **owner))


async def require_owner(
    session: AsyncSession, principal: Principal, runtime: Runtime, owner_id: UUID, pointer: str
) -> bool:
    """Whether the owner is an organization and not a user. Raises NotFound or Forbidden where it may not be."""
    owned = await exists(session, owner_id)
    if owned and principal.service is None:
        await require_organization(session, principal, owner_id, "write", pointer)
    elif not owned:
        await _require_user(session, principal, runtime, owner_id, pointer)
    return owned


async def _require_user(
    session: AsyncSession, principal: Principal, runtime: Runtime, user_id: UUID, pointer: str
) -> None:
    if principal.service is None and user_id != principal.user_id:
        reach = await reach_of(session, principal)
        values = {"user_id": user_id, "organizations": reach.admin_of}
        if (await session.execute(COLLEAGUE, values)).first() is None:
            raise NotFound("There is no such owner.", pointer=pointer)
    await people.known(session, runtime, user_id, pointer)


def _check_zone(name: str | None) -> None:
    if name is not None and name not in available_timezones():
        raise Invalid("There is no such time zone.", pointer=f"{BODY}/tz")
