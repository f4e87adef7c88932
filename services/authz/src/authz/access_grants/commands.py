"""Making, changing and taking back grants. Every change is announced; the index follows the announcements."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from chassis.principal import Principal
from contracts.authz import AccessGrantCreated, AccessGrantDeleted, AccessGrantUpdated
from kernel import Conflict, Invalid, now
from messaging import publish
from msgspec import UNSET, structs
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from authz.access_grants.access import BODY, checked, grant_to_change
from authz.access_grants.models import AccessGrant
from authz.access_grants.schemas import AccessGrantChanges, NewAccessGrant
from authz.index import conditions
from authz.index.facts import Facts

MOST_OF_SUBJECT, MOST_CONDITIONS_OF_SUBJECT = 10_000, 200
MOST_ON_RESOURCE, MOST_CONDITIONS_ON_RESOURCE = 1000, 50
LAST_YEAR = 9998
"""In any zone such a time is one of UTC, too."""

Event = TypeVar("Event", AccessGrantCreated, AccessGrantUpdated, AccessGrantDeleted)


async def create(session: AsyncSession, principal: Principal, facts: Facts, new: NewAccessGrant) -> AccessGrant:
    """Make a grant. Raises Invalid, NotFound, Forbidden, or Conflict where the subject or resource has too many."""
    _check(new.expires_at, new.condition)
    wanted = await checked(session, principal, facts, new)
    await _require_room(session, wanted)
    grant = AccessGrant(**structs.asdict(wanted), created_by=principal.user_id)
    session.add(grant)
    await session.flush()
    await session.refresh(grant)
    await publish(session, _told(AccessGrantCreated, grant))
    return grant


async def update(
    session: AsyncSession, principal: Principal, identifier: UUID, changes: AccessGrantChanges
) -> AccessGrant:
    """Change a grant's expiry or condition. Raises Invalid, NotFound or Forbidden."""
    grant = await grant_to_change(session, principal, identifier)
    values = {name: value for name, value in structs.asdict(changes).items() if value is not UNSET}
    _check(values.get("expires_at"), values.get("condition"))
    if values.get("condition") is not None and grant.condition is None:
        await _require_room(session, NewAccessGrant(**_facts(grant) | values))
    if any(getattr(grant, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(grant, name, value)
        grant.updated_at = now()
        await session.flush()
        await publish(session, _told(AccessGrantUpdated, grant))
    return grant


async def delete(session: AsyncSession, principal: Principal, identifier: UUID) -> None:
    """Take a grant back. Raises NotFound or Forbidden."""
    await remove(session, await grant_to_change(session, principal, identifier))


async def remove(session: AsyncSession, grant: AccessGrant) -> None:
    """Delete a grant, whoever decided it."""
    await session.delete(grant)
    await session.flush()
    await publish(session, _told(AccessGrantDeleted, grant))


async def remove_of(session: AsyncSession, subject_type: str, subject_id: UUID) -> int:
    """Delete every grant of a subject that is no more; their number."""
    found = select(AccessGrant).where(AccessGrant.subject_id == subject_id, AccessGrant.subject_type == subject_type)
    grants = (await session.scalars(found.order_by(AccessGrant.id).with_for_update())).all()
    for grant in grants:
        await remove(session, grant)
    return len(grants)


def _check(expires_at: datetime | None, condition: str | None) -> None:
    if expires_at is not None and expires_at.tzinfo is None:
        raise Invalid("A time has a zone.", pointer=f"{BODY}/expires-at")
    if expires_at is not None and expires_at.year > LAST_YEAR:
        raise Invalid(f"Without a time it never expires; the latest is in {LAST_YEAR}.", pointer=f"{BODY}/expires-at")
    if expires_at is not None and expires_at <= now():
        raise Invalid("This time has passed.", pointer=f"{BODY}/expires-at")
    if condition is not None:
        conditions.read(condition, f"{BODY}/condition")


async def _require_room(session: AsyncSession, grant: NewAccessGrant) -> None:
    """Every check walks the grants on its resource, every list those of its user: both are bounded."""
    row = AccessGrant
    subject = (row.subject_id == grant.subject_id, row.subject_type == grant.subject_type)
    resource = (row.resource_id == grant.resource_id, row.resource_type == grant.resource_type)
    for where, pointer, most, most_conditions in (
        (subject, "subject-id", MOST_OF_SUBJECT, MOST_CONDITIONS_OF_SUBJECT),
        (resource, "resource-id", MOST_ON_RESOURCE, MOST_CONDITIONS_ON_RESOURCE),
    ):
        counted = select(func.count(), func.count(row.condition)).where(*where)
        total, with_condition = (await session.execute(counted)).one()
        if total >= most or (grant.condition is not None and with_condition >= most_conditions):
            problem = (
                f"It has {total} grants, {with_condition} of them with a condition; that is as many as it may have."
            )
            raise Conflict(problem, pointer=f"{BODY}/{pointer}", code="too-many-grants")


def _facts(grant: AccessGrant) -> dict[str, Any]:
    return {name: getattr(grant, name) for name in NewAccessGrant.__struct_fields__}


def _told(kind: type[Event], grant: AccessGrant) -> Event:
    return kind(access_grant_id=grant.id, **_facts(grant))  # pyright: ignore[reportArgumentType]
