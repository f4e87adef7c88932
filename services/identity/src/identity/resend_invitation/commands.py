"""Sending an invitation again, for somebody who has not confirmed their login yet.

Whoever may invite into the organization may do this: nobody else, because it can change the address.
"""

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Forbidden, Invalid, NotFound
from msgspec import UNSET
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.onboarding_requests import commands as onboardings
from identity.onboarding_requests import queries, rights
from identity.onboarding_requests.inviting import check_ways
from identity.onboarding_requests.models import OPEN, OnboardingRequest
from identity.parts import parts_of
from identity.resend_invitation.schemas import ResendInvitation, Resent
from identity.sign_up.models import SignUpRequest
from identity.sign_up.taking_up import take_up
from identity.throttling.budgets import INVITE_PERSON, MESSAGE_ACCOUNT
from identity.throttling.commands import demand
from identity.usernames import checked_email, comparable
from identity.users.models import User


async def resend_invitation(
    runtime: Runtime, session: AsyncSession, principal: Principal, asked: ResendInvitation
) -> Resent:
    """Send it again. Raises NotFound where there is nobody like this whom the caller may invite, Invalid, Conflict."""
    named = asked.username or asked.email
    if named is None:
        raise Invalid("Name the person.", pointer="/username", code="required")
    invitation = await _invitation(session, comparable(named))
    if invitation is not None:
        return await _onboarding(runtime, session, principal, invitation, asked)
    return await _sign_up(runtime, session, principal, comparable(named), asked)


async def _onboarding(
    runtime: Runtime,
    session: AsyncSession,
    principal: Principal,
    found: OnboardingRequest,
    asked: ResendInvitation,
) -> Resent:
    try:
        row = await queries.read(runtime, session, principal, found.id, change=True)
    except (NotFound, Forbidden):
        raise _nobody() from None
    ways: list[str] = list(row.notifications if asked.notifications is None else asked.notifications) or ["email"]
    email = UNSET if asked.new_email is None else checked_email(asked.new_email, "/new-email")
    if not await onboardings.readdress(runtime, session, principal, row, {"email": email}):
        check_ways(row, ways, "/notifications")
        await onboardings.resend(runtime, session, principal, row, ways)
    return Resent(row.id, "onboard")


async def _sign_up(
    runtime: Runtime, session: AsyncSession, principal: Principal, key: str, asked: ResendInvitation
) -> Resent:
    """The newest sign-up of somebody who has not confirmed it. Its address is the person's own to change."""
    statement = (
        select(SignUpRequest)
        .join(User, User.id == SignUpRequest.user_id)
        .where(SignUpRequest.username_key == key, SignUpRequest.confirmed_at.is_(None), User.state == "registered")
        .where(SignUpRequest.organization_id.is_not(None))
        .order_by(SignUpRequest.id.desc())
        .limit(1)
        .with_for_update(of=SignUpRequest)
    )
    row = (await session.scalars(statement)).first()
    if row is None or row.organization_id is None:
        raise _nobody()
    try:
        known = await rights.standing(runtime, session, principal, row.organization_id)
    except (NotFound, Forbidden):
        raise _nobody() from None
    if not known.admin:
        raise _nobody()
    if asked.new_email is not None and comparable(asked.new_email) != row.email_key:
        raise Invalid("Who signed up by themselves signs up again with another address.", pointer="/new-email")
    await demand(runtime, (INVITE_PERSON, principal.subject), (MESSAGE_ACCOUNT, key))
    await take_up(session, parts_of(runtime), row)
    record(
        session,
        principal,
        "sign-up-resent",
        row.user_id,
        organization_id=row.organization_id,
        target=f"sign-up-requests:{row.id}",
    )
    return Resent(row.id, "org-code")


def _nobody() -> NotFound:
    """The one answer for people who are not there and those of other organizations."""
    return NotFound("There is nobody like this.", pointer="/username")


async def _invitation(session: AsyncSession, key: str) -> OnboardingRequest | None:
    """The newest open invitation of a login that was made with it, or of an address."""
    statement = (
        select(OnboardingRequest)
        .outerjoin(User, User.id == OnboardingRequest.user_id)
        .where(OnboardingRequest.status.in_(OPEN))
        .where(or_(User.username_key == key, OnboardingRequest.email_key == key, OnboardingRequest.phone == key))
        .order_by(OnboardingRequest.id.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).first()
