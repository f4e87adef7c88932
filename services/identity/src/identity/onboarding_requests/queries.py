"""Reading invitations. An administrator sees the organization's, other staff those that they made."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from kernel import NotFound, Slice, now
from sqlalchemy import false, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from identity.onboarding_requests import rights
from identity.onboarding_requests.models import OnboardingInvite, OnboardingRequest
from identity.onboarding_requests.schemas import (
    Bounce,
    Dsn,
    DsnAttributes,
    Invite,
    LastInvite,
    OnboardingAttributes,
    OnboardingsQuery,
)
from identity.referrals import codes
from identity.usernames import comparable
from identity.vault import Vault

Invites = dict[UUID, dict[str, OnboardingInvite]]
"""The last message of each way, by invitation."""


async def list_(
    runtime: Runtime, session: AsyncSession, principal: Principal, asked: OnboardingsQuery
) -> Slice[OnboardingRequest]:
    """A page of an organization's invitations, the oldest first. Raises NotFound or Forbidden."""
    statement = select(OnboardingRequest).where(
        OnboardingRequest.organization_id == asked.organization, OnboardingRequest.onboard_type == asked.onboard_type
    )
    if not (principal.is_support or principal.service):
        known = await rights.standing(runtime, session, principal, asked.organization, parameter="organization")
        if not known.admin:
            statement = statement.where(OnboardingRequest.created_by == principal.user_id)
    if asked.email is not None:
        statement = statement.where(OnboardingRequest.email_key == comparable(asked.email))
    if asked.patient_ids is not None:
        chosen = OnboardingRequest.patient_id.in_(asked.patient_ids) if asked.patient_ids else false()
        statement = statement.where(chosen)
    return await page_of(session, statement.order_by(OnboardingRequest.id), asked.page)


async def read(
    runtime: Runtime, session: AsyncSession, principal: Principal, request_id: UUID, *, change: bool = False
) -> OnboardingRequest:
    """An invitation, locked to be changed on demand. Raises NotFound where the caller does not see it."""
    statement = select(OnboardingRequest).where(OnboardingRequest.id == request_id)
    row = (await session.scalars(statement.with_for_update() if change else statement)).first()
    if row is None:
        raise NotFound
    if not change and (principal.is_support or principal.service):
        return row
    known = await rights.standing(runtime, session, principal, row.organization_id)
    if not known.admin and row.created_by != principal.user_id:
        raise NotFound
    return row


async def by_code(session: AsyncSession, vault: Vault, typed: str) -> OnboardingRequest | None:
    """The invitation that a code belongs to, whatever became of it."""
    code = codes.normalised(typed)
    statement = select(OnboardingRequest).where(OnboardingRequest.mark == codes.mark(vault, code or ""))
    return (await session.scalars(statement)).first()


async def last_invites(session: AsyncSession, rows: Sequence[OnboardingRequest]) -> Invites:
    """The last messages of these invitations."""
    statement = (
        select(OnboardingInvite)
        .where(OnboardingInvite.request_id.in_([row.id for row in rows]))
        .ext(distinct_on(OnboardingInvite.request_id, OnboardingInvite.type))
        .order_by(OnboardingInvite.request_id, OnboardingInvite.type, OnboardingInvite.id.desc())
    )
    found: Invites = defaultdict(dict)
    for invite in await session.scalars(statement):
        found[invite.request_id][invite.type] = invite
    return found


def is_open(row: OnboardingRequest) -> bool:
    """Whether an invitation can still be taken up."""
    return row.status not in {"claimed", "canceled"} and row.expires_at > now()


async def one(session: AsyncSession, row: OnboardingRequest) -> OnboardingAttributes:
    """An invitation's attributes with its last messages."""
    await session.refresh(row)
    return attributes(row, await last_invites(session, [row]))


def attributes(row: OnboardingRequest, invites: Invites | None) -> OnboardingAttributes:
    """An invitation's attributes; without `invites` what became of its messages is left out."""
    shown = OnboardingAttributes(
        organization=row.organization_id,
        onboard_type=row.onboard_type,  # pyright: ignore[reportArgumentType]
        status=row.status,  # pyright: ignore[reportArgumentType]
        done=row.status in {"claimed", "canceled"},
        patient=row.patient_id,
        patient_email=row.email,
        phone_number=row.phone,
        provider_roles=row.provider_roles,
        individual_group_ids=row.group_ids,
        auto_confirm=row.auto_confirm,
        auto_sign_up=row.auto_sign_up,
        user_id=row.claimed_by or row.user_id,
        created_by=row.created_by,
        created_time=row.created_at,
        registering_time=row.registering_at,
        claimed_by=row.claimed_by,
        claimed_time=row.claimed_at,
        expiration_time=row.expires_at,
    )
    if invites is not None:
        known = invites.get(row.id, {})
        shown.last_invite = LastInvite(email=_invite(known.get("email")), sms=_invite(known.get("sms")))
        shown.email_dsn = _dsn(known.get("email"))
    return shown


def _invite(row: OnboardingInvite | None) -> Invite | None:
    if row is None:
        return None
    told: Any = {"type": row.type, "status": row.status}
    return Invite(id=row.id, error=row.error, created_time=row.created_at, respond_time=row.responded_at, **told)


def _dsn(row: OnboardingInvite | None) -> Dsn | None:
    if row is None:
        return None
    bounce = Bounce(row.bounce_type, row.bounce_subtype or "General") if row.bounce_type else None
    told = DsnAttributes(
        email=row.address, state=row.status, created_at=row.created_at, status_at=row.responded_at, bounce=bounce
    )
    return Dsn(row.id, "email-dsn", told)
