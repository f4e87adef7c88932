"""Confirming a sign-up: the code makes what was typed a user who belongs to the organization."""

from typing import Any

import msgspec
from chassis.runtime import Runtime
from contracts.identity import UserConfirmed
from kernel import now, uuid7
from messaging import publish
from sqlalchemy.ext.asyncio import AsyncSession

from identity.codes import commands as codes
from identity.confirm_sign_up.schemas import ConfirmSignUp, ConfirmSignUpAnswer
from identity.parts import parts_of
from identity.sessions import commands as sessions
from identity.sessions.schemas import LoginError
from identity.sign_up.commands import details_of
from identity.sign_up.models import SignUpRequest
from identity.sign_up.schemas import Details
from identity.throttling.budgets import CODE_ACCOUNT, CODE_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand
from identity.user_activities.commands import note_sign_up
from identity.usernames import comparable
from identity.users.models import User, UserOrganization
from identity.zones import checked_zone

LOGIN_ERROR = LoginError(401, "invalid-credentials", "The account is confirmed, but signing in failed.")


async def confirm_sign_up(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: ConfirmSignUp
) -> ConfirmSignUpAnswer:
    """Confirm, and sign in if it is wanted. Raises Invalid for a code that does not count, TooManyRequests."""
    parts, key = parts_of(runtime), comparable(asked.username)
    if asked.tz is not None:
        checked_zone(asked.tz, "/tz")
    await demand(runtime, (CODE_ACCOUNT, key), (CODE_ADDRESS, address_prefix(request)))
    subject, channel = await codes.redeem(session, parts, "sign-up", key, asked.confirmation_code)
    sign_up = await session.get_one(SignUpRequest, subject)
    user = await _waiting(session, sign_up)
    details = details_of(parts.vault, sign_up)
    _apply(user, details, sign_up, channel, asked.tz)
    sign_up.confirmed_at, sign_up.details = now(), b""
    await codes.withdraw(session, "sign-up", key)
    note_sign_up(session, user.id)
    await _join(session, user, sign_up)
    answer = ConfirmSignUpAnswer(account_type="patient")
    if not asked.login:
        return answer
    terms = sessions.Terms(device=request.headers.get("user-agent", "")[:200] or None)
    signed_in = await sessions.start(session, parts, user.id, terms)
    if signed_in is None:
        answer.login_error = LOGIN_ERROR
        return answer
    return ConfirmSignUpAnswer(account_type="patient", **msgspec.structs.asdict(signed_in))


async def _waiting(session: AsyncSession, sign_up: SignUpRequest) -> User:
    user = await session.get(User, sign_up.user_id, with_for_update=True) if sign_up.user_id else None
    if user is None or user.state != "registered":
        raise codes.wrong_code()
    return user


def _apply(user: User, details: Details, sign_up: SignUpRequest, channel: str, tz: str | None) -> None:
    """Make the login what was typed in the sign-up whose code came back, not in any other one."""
    typed: dict[str, Any] = msgspec.structs.asdict(details)
    for name in ("username", "password_hash", "first_name", "last_name", "preferred_name", "email", "phone"):
        setattr(user, name, typed[name])
    for name in ("birth_date", "gender", "locale", "enrollment_data"):
        setattr(user, name, typed[name])
    user.tz = tz or details.tz
    user.username_key = comparable(details.username)
    user.email_key = comparable(details.email) if details.email else None
    user.email_verified, user.phone_verified = channel == "email", channel == "sms"
    if details.notifications:
        user.communication_preferences = {name: {} for name in details.notifications}
    user.state = "confirmed"
    user.confirmed_at = user.password_changed_at = now()
    user.primary_individual_id = uuid7()
    user.default_organization_id = sign_up.organization_id


async def _join(session: AsyncSession, user: User, sign_up: SignUpRequest) -> None:
    """Belong to the organization from now on; orgs hears of it and registers the individual."""
    session.add(
        UserOrganization(
            user_id=user.id,
            organization_id=sign_up.organization_id,
            account_type="patient",
            individual_id=user.primary_individual_id,
        )
    )
    await session.flush()  # what the event says is there before it, and the sign-in below reads it
    confirmed = UserConfirmed(
        user_id=user.id,
        account_type="patient",
        organization_id=sign_up.organization_id,
        organization_code=sign_up.organization_code,
        individual_id=user.primary_individual_id,
    )
    await publish(session, confirmed)
