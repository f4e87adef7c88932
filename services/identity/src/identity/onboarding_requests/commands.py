"""Inviting people into an organization."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Conflict, Forbidden, Invalid, now, uuid7
from msgspec import UNSET
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.onboarding_requests import accounts, claiming, queries, rights
from identity.onboarding_requests.inviting import addresses, change, check_ways, invite
from identity.onboarding_requests.models import OPEN, OnboardingRequest
from identity.onboarding_requests.schemas import NewOnboarding, OnboardingChange
from identity.parts import Parts, parts_of
from identity.referrals import codes
from identity.throttling.budgets import INVITE_PERSON, MESSAGE_ACCOUNT
from identity.throttling.commands import demand
from identity.usernames import checked_email, checked_phone, comparable
from identity.users.models import User

AT = "/data/attributes"
LIVES = timedelta(days=30)
SWEEP = text("DELETE FROM onboarding_requests WHERE status <> 'claimed' AND expires_at < now() - interval '365 days'")


async def create(
    runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewOnboarding
) -> OnboardingRequest:
    """Invite somebody. Raises Invalid, Problems, NotFound, Forbidden, Conflict, TooManyRequests or Unavailable."""
    parts = parts_of(runtime)
    row = await _made(runtime, session, principal, asked)
    ways = _ways(asked, row)
    check_ways(row, ways, f"{AT}/notifications")
    row.notifications = list(dict.fromkeys(ways or addresses(row)))
    username = accounts.username_of(asked) if asked.auto_sign_up else ""
    password_hash = await accounts.hashed(runtime, asked, username) if asked.auto_sign_up else ""
    await _spend(runtime, principal, row, ways)
    await _check_patient(session, row)
    session.add(row)
    _note(session, principal, row, "onboarding-requested", groups=row.group_ids, roles=row.provider_roles)
    if asked.auto_sign_up:
        user = await accounts.make(session, row, username, password_hash)
        row.user_id = user.id
    await change(session, row, "created")
    await invite(session, parts, row, ways)
    if row.user_id is not None:
        await _settle_login(session, row)
    return row


async def update(
    runtime: Runtime, session: AsyncSession, principal: Principal, request_id: UUID, asked: OnboardingChange
) -> OnboardingRequest:
    """Cancel an open invitation, or give it another address. Raises NotFound, Invalid, Conflict."""
    row = await queries.read(runtime, session, principal, request_id, change=True)
    if asked.status == "canceled":
        if row.status == "canceled":
            return row
        _check_open(row, expired=True)
        row.canceled_at = now()
        await change(session, row, "canceled")
        _note(session, principal, row, "onboarding-canceled")
        return row
    moved = {
        "email": UNSET if asked.email is UNSET else checked_email(asked.email, f"{AT}/email"),
        "phone": UNSET if asked.phone_number is UNSET else checked_phone(asked.phone_number, f"{AT}/phone-number"),
    }
    await readdress(runtime, session, principal, row, moved)
    return row


async def readdress(
    runtime: Runtime, session: AsyncSession, principal: Principal, row: OnboardingRequest, moved: dict[str, Any]
) -> bool:
    """Send an open invitation, with another code, to another address. Says whether there was one to send to."""
    _check_open(row)
    new = {name: value for name, value in moved.items() if value is not UNSET and value != getattr(row, name)}
    if not new:
        return False
    ways = [way for way, name in (("email", "email"), ("sms", "phone")) if name in new]
    for name, value in new.items():
        setattr(row, name, value)
    row.email_key = comparable(row.email) if row.email else None
    _renew(parts_of(runtime), row)
    if row.user_id is not None:
        user = await session.get_one(User, row.user_id, with_for_update=True)
        await accounts.move(session, user, row)
    _note(session, principal, row, "onboarding-readdressed", members=sorted(new))
    await session.flush()
    if row.status != "created":
        await _send(runtime, session, principal, row, ways)
    return True


async def resend_notifications(
    runtime: Runtime, session: AsyncSession, principal: Principal, request_id: UUID, ways: list[str] | None = None
) -> OnboardingRequest:
    """Send an open invitation again by each way that there is an address for; it counts anew from now on."""
    row = await queries.read(runtime, session, principal, request_id, change=True)
    await resend(runtime, session, principal, row, ways)
    return row


async def resend(
    runtime: Runtime, session: AsyncSession, principal: Principal, row: OnboardingRequest, ways: list[str] | None
) -> None:
    """Send a locked invitation again. Raises Conflict where it is over."""
    _check_open(row, expired=True)
    row.expires_at = now() + LIVES
    _note(session, principal, row, "onboarding-resent")
    await _send(runtime, session, principal, row, list(addresses(row)) if ways is None else ways)


async def _send(
    runtime: Runtime, session: AsyncSession, principal: Principal, row: OnboardingRequest, ways: list[str]
) -> None:
    await _spend(runtime, principal, row, ways)
    await invite(session, parts_of(runtime), row, ways)


async def _made(
    runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewOnboarding
) -> OnboardingRequest:
    """The invitation, once everything about it has been checked."""
    known = await rights.standing(runtime, session, principal, asked.organization, pointer=f"{AT}/organization")
    _check(asked, admin=known.admin)
    given = [] if asked.individual_group_id is None else [asked.individual_group_id]
    groups = list(dict.fromkeys([*asked.individual_group_ids, *given]))
    place = (asked.organization, groups, asked.onboard_type)
    await rights.check_groups(runtime, principal, *place, admin=known.admin)
    patient = None
    if asked.patient is not None:
        patient = await rights.patient(runtime, principal, asked.organization, asked.patient, admin=known.admin)
    email = checked_email(asked.patient_email, f"{AT}/patient-email") if asked.patient_email else None
    phone = checked_phone(asked.phone_number, f"{AT}/phone-number") if asked.phone_number else None
    if email is None and phone is None:
        raise Invalid("An invitation needs an address to go to.", pointer=f"{AT}/patient-email", code="required")
    row = OnboardingRequest(
        id=uuid7(),
        organization_id=asked.organization,
        created_by=principal.user_id,
        onboard_type=asked.onboard_type,
        status="created",
        email=email,
        email_key=comparable(email) if email else None,
        phone=phone,
        first_name=patient.first_name if patient else None,
        last_name=patient.last_name if patient else None,
        patient_id=asked.patient,
        group_ids=groups,
        provider_roles=list(dict.fromkeys(asked.provider_roles)),
        communication_preferences=msgspec.to_builtins(asked.communication_preferences),
        auto_confirm=asked.auto_confirm,
        auto_sign_up=asked.auto_sign_up,
        expires_at=now() + LIVES,
    )
    _renew(parts_of(runtime), row)
    return row


def _check(asked: NewOnboarding, *, admin: bool) -> None:
    """Raise Invalid for what does not fit together, Forbidden for what only administrators decide."""
    if asked.onboard_type == "provider" and asked.patient is not None:
        raise Invalid("Staff are no patients.", pointer=f"{AT}/patient")
    if asked.onboard_type == "patient" and asked.provider_roles:
        raise Invalid("Only staff have roles.", pointer=f"{AT}/provider-roles")
    for name in ("password", "username"):
        if getattr(asked, name) is not None and not asked.auto_sign_up:
            raise Invalid("This belongs to a login that is made at once.", pointer=f"{AT}/{name}")
    if admin:
        return
    if asked.auto_confirm:
        raise Forbidden("Only administrators confirm logins for others.", pointer=f"{AT}/auto-confirm")
    if "org.admin" in asked.provider_roles:
        raise Forbidden("Only administrators make administrators.", pointer=f"{AT}/provider-roles")


def _ways(asked: NewOnboarding, row: OnboardingRequest) -> list[str]:
    """By which ways the invitation goes out now."""
    chosen: list[str] = list(addresses(row))[:1] if asked.notifications is UNSET else [*asked.notifications]
    return list(dict.fromkeys(["email", *chosen] if asked.email_user_now else chosen))


async def _check_patient(session: AsyncSession, row: OnboardingRequest) -> None:
    if row.patient_id is None:
        return
    same = select(OnboardingRequest.id).where(
        OnboardingRequest.patient_id == row.patient_id, OnboardingRequest.status.in_(OPEN)
    )
    if (await session.scalar(same)) is not None:
        raise Conflict("This individual has an open invitation.", pointer=f"{AT}/patient", code="already-invited")


def _check_open(row: OnboardingRequest, *, expired: bool = False) -> None:
    """Raise Conflict where the invitation is over; one that has only expired is let through with `expired`."""
    if row.status not in OPEN or not (expired or queries.is_open(row)):
        raise Conflict("The invitation is over.", code="invitation-over")


def _renew(parts: Parts, row: OnboardingRequest) -> None:
    """Give the invitation a code that nobody has seen."""
    code = codes.new_code()
    row.mark, row.sealed = codes.mark(parts.vault, code), codes.seal(parts.vault, code, row.id)


async def _settle_login(session: AsyncSession, row: OnboardingRequest) -> None:
    """The login that was made is confirmed at once, or waits for the invitation's code."""
    user = await session.get_one(User, row.user_id, with_for_update=True)
    await claiming.registering(session, row.id)
    if row.auto_confirm:
        claimed = await claiming.claim(session, row.id, user)
        await claiming.confirmed_by_invitation(session, user, claimed, proven=None)


async def _spend(runtime: Runtime, principal: Principal, row: OnboardingRequest, ways: list[str]) -> None:
    """Raise TooManyRequests for an inviter or an address that has had too many."""
    sent = [(MESSAGE_ACCOUNT, comparable(addresses(row)[way])) for way in ways]
    await demand(runtime, (INVITE_PERSON, principal.subject), *sent)


def _note(session: AsyncSession, principal: Principal, row: OnboardingRequest, action: str, **details: Any) -> None:
    target = f"onboarding-requests:{row.id}"
    record(session, principal, action, row.user_id, organization_id=row.organization_id, target=target, **details)
