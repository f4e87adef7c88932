"""Reading deletion requests, and who the person of one is."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.erasure import Person
from chassis.principal import Principal
from database import page_of
from kernel import NotFound, Slice
from sqlalchemy import ColumnElement, false, func, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from identity.deletion_requests.models import DeletionRequest, DeletionStep
from identity.deletion_requests.schemas import DeletionRequestAttributes, Progress
from identity.deletion_requests.visibility import administered
from identity.usernames import comparable
from identity.users.models import User
from identity.vault import Vault

OPERATION = "erase"
ADDRESSES = text("""
    WITH known AS (
        SELECT email, email_key, phone FROM users WHERE id = :user_id
         UNION ALL
        SELECT email, email_key, phone FROM onboarding_requests
         WHERE claimed_by = :user_id OR user_id = :user_id OR patient_id = ANY (:individual_ids))
    SELECT username FROM users WHERE id = :user_id
     UNION
    SELECT email FROM known WHERE NOT EXISTS (
        SELECT FROM users u WHERE u.email_key = known.email_key AND u.id IS DISTINCT FROM :user_id)
     UNION
    SELECT phone FROM known WHERE NOT EXISTS (
        SELECT FROM users u WHERE u.phone = known.phone AND u.id IS DISTINCT FROM :user_id)
""")


def mark_of(vault: Vault, email: str) -> bytes:
    """What stands for an address in a request; only the master key makes it."""
    return vault.mark("deletion-email", comparable(email).encode())


async def read(session: AsyncSession, principal: Principal, identifier: UUID) -> DeletionRequest:
    """A request that the caller may see. Raises NotFound."""
    statement = select(DeletionRequest).where(DeletionRequest.id == identifier, _visible(principal))
    row = (await session.scalars(statement)).first()
    if row is None:
        raise NotFound
    return row


async def list_(session: AsyncSession, principal: Principal, mark: bytes, page: Any) -> Slice[DeletionRequest]:
    """A page of the requests about the person with an address, newest first."""
    statement = select(DeletionRequest).where(DeletionRequest.email_mark == mark, _visible(principal))
    return await page_of(session, statement.order_by(DeletionRequest.id.desc()), page)


async def attributes(
    session: AsyncSession, principal: Principal, rows: list[DeletionRequest]
) -> dict[UUID, DeletionRequestAttributes]:
    """The attributes of requests, with their progress."""
    ids = [row.id for row in rows]
    steps: dict[UUID, list[Progress]] = {identifier: [] for identifier in ids}
    found = select(DeletionStep).where(DeletionStep.request_id.in_(ids)).order_by(DeletionStep.reference_id)
    for step in await session.scalars(found):
        steps[step.request_id].append(_progress(step))
    users = [row.user_id for row in rows if row.user_id is not None]
    known = await session.execute(select(User.id, User.email).where(User.id.in_(users)))
    emails: dict[UUID, str | None] = {row.id: row.email for row in known}
    people = {row.id: await person_of(session, row) for row in rows} if principal.service is not None else {}
    return {
        row.id: _attributes(row, steps[row.id], emails.get(row.user_id) if row.user_id else None, people.get(row.id))
        for row in rows
    }


async def person_of(session: AsyncSession, request: DeletionRequest) -> Person:
    """Whom a request is about. Addresses that somebody else has, too, are left out: they lead to others' data."""
    who = Person(
        user_id=request.user_id,
        individual_ids=list(request.individual_ids),
        organization_ids=list(request.organization_ids),
    )
    known = {"user_id": request.user_id, "individual_ids": list(request.individual_ids)}
    found = {one for one in await session.scalars(ADDRESSES, known) if one}
    return msgspec.structs.replace(
        who, addresses=sorted({form for one in found for form in (one.lower(), comparable(one))})
    )


def _visible(principal: Principal) -> ColumnElement[bool]:
    """One's own, those that one asked for, and those about people of the organizations that one administers."""
    if principal.is_support or principal.service is not None:
        return true()
    if principal.user_id is None:
        return false()
    own = or_(DeletionRequest.user_id == principal.user_id, DeletionRequest.created_by == principal.user_id)
    places = func.array(administered(principal).scalar_subquery())
    return or_(own, DeletionRequest.organization_ids.bool_op("&&")(places))


def _progress(step: DeletionStep) -> Progress:
    return Progress(
        app=step.app,
        operation=OPERATION,
        state=step.state,  # pyright: ignore[reportArgumentType] the column holds states
        reference_id=step.reference_id,
        attempts=step.attempts,
        started_time=step.started_at,
        ended_time=step.ended_at,
        receipt=step.receipt,  # pyright: ignore[reportArgumentType] kept as it was reported
    )


def _attributes(
    row: DeletionRequest, progress: list[Progress], email: str | None, person: Person | None
) -> DeletionRequestAttributes:
    return DeletionRequestAttributes(
        type=row.type,  # pyright: ignore[reportArgumentType] the column holds types
        user_id=row.user_id,
        individual_id=row.individual_ids[0] if row.individual_ids else None,
        archive=row.archive,
        status=row.status,  # pyright: ignore[reportArgumentType] the column holds states
        email=email,
        progress=progress,
        created_by=row.created_by,
        created_time=row.created_at,
        ended_time=row.ended_at,
        person=person,
    )
