"""What a sign-up becomes once its address has been shown: a user who belongs to the organization."""

from typing import Any

import msgspec
from contracts.identity import UserConfirmed
from kernel import now, uuid7
from messaging import publish
from sqlalchemy.ext.asyncio import AsyncSession

from identity.onboarding_requests import claiming
from identity.onboarding_requests.models import OnboardingRequest
from identity.parts import Parts
from identity.registration_invitations import commands as registrations
from identity.service_documents import agreements
from identity.sign_up.commands import details_of
from identity.sign_up.models import SignUpRequest
from identity.sign_up.schemas import Details
from identity.user_activities.commands import note_sign_up
from identity.usernames import comparable
from identity.users.models import User, UserOrganization


async def complete(
    session: AsyncSession, parts: Parts, user: User, sign_up: SignUpRequest, tz: str | None, *, proven: str | None
) -> str:
    """Make a locked login what was typed in this sign-up, and let it in; its account type.

    `proven` is the address that was shown. A login that was there already only joins the organization that invited it.
    Raises WrongCode where the invitation was taken up by another, canceled or has expired.
    """
    invitation = None
    if sign_up.onboarding_request_id is not None:  # before anything else is written: a refusal keeps what was
        invitation = await claiming.claim(session, sign_up.onboarding_request_id, user)
    new, details = user.state == "registered", details_of(parts.vault, sign_up)
    if new:
        await _apply(session, user, details, proven, tz)
    sign_up.confirmed_at, sign_up.details = now(), b""
    if invitation is not None:
        await _join_invited(session, user, invitation, new=new)
    else:
        note_sign_up(session, user.id)
        await _join(session, user, sign_up)
        await registrations.claim(session, user, sign_up.registration_invitation_id)
    await agreements.record(session, user.id, details.agreements, "sign-up", sign_up.created_at)
    return invitation.onboard_type if invitation is not None else "patient"


async def _apply(session: AsyncSession, user: User, details: Details, proven: str | None, tz: str | None) -> None:
    """Make the login what was typed in the sign-up whose code came back, not in any other one."""
    typed: dict[str, Any] = msgspec.structs.asdict(details)
    for name in ("username", "password_hash", "first_name", "last_name", "preferred_name", "email", "phone"):
        setattr(user, name, typed[name])
    for name in ("birth_date", "gender", "locale", "enrollment_data", "account_type"):
        setattr(user, name, typed[name])
    user.tz = tz or details.tz
    user.username_key = comparable(details.username)
    user.email_key = comparable(details.email) if details.email else None
    user.email_verified = user.phone_verified = False
    with session.no_autoflush:
        await claiming.verify(session, user, proven)
    if details.notifications:
        user.communication_preferences = {name: {} for name in details.notifications}
    user.state = "confirmed"
    user.confirmed_at = user.password_changed_at = now()


async def _join_invited(session: AsyncSession, user: User, invitation: OnboardingRequest, *, new: bool) -> None:
    if new:
        note_sign_up(session, user.id)
        await session.flush()  # what the events say is there before them
        kind: Any = invitation.onboard_type
        await publish(session, UserConfirmed(user_id=user.id, account_type=kind))
        await registrations.claim(session, user, None)
    await claiming.join(session, user, invitation)


async def _join(session: AsyncSession, user: User, sign_up: SignUpRequest) -> None:
    """Belong to the code's organization, if there is one; orgs hears of it and registers the individual."""
    if sign_up.organization_id is not None:
        user.primary_individual_id = uuid7()
        user.default_organization_id = sign_up.organization_id
        session.add(
            UserOrganization(
                user_id=user.id,
                organization_id=sign_up.organization_id,
                account_type="patient",
                individual_id=user.primary_individual_id,
            )
        )
    await session.flush()  # what the event says is there before it, and the sign-in after it reads it
    confirmed = UserConfirmed(
        user_id=user.id,
        account_type="patient",
        organization_id=sign_up.organization_id,
        organization_code=sign_up.organization_code,
        individual_id=user.primary_individual_id,
    )
    await publish(session, confirmed)
