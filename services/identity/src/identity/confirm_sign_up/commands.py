"""Confirming a sign-up: the code makes what was typed a user who belongs to the organization."""

from typing import Any

import msgspec
from chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncSession

from identity.codes import commands as codes
from identity.confirm_sign_up.completing import complete
from identity.confirm_sign_up.schemas import ConfirmSignUp, ConfirmSignUpAnswer
from identity.login import following
from identity.onboarding_requests import claiming
from identity.parts import Parts, parts_of
from identity.referrals.codes import normalised
from identity.sessions import commands as sessions
from identity.sessions.proofs import SENT_CODE
from identity.sessions.schemas import LoginError
from identity.sign_up.commands import details_of
from identity.sign_up.models import SignUpRequest
from identity.throttling.budgets import CODE_ACCOUNT, CODE_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand
from identity.usernames import comparable
from identity.users.models import User
from identity.zones import checked_zone


async def confirm_sign_up(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: ConfirmSignUp
) -> ConfirmSignUpAnswer:
    """Confirm, and sign in if it is wanted. Raises Invalid for a code that does not count, TooManyRequests."""
    parts, key = parts_of(runtime), comparable(asked.username)
    if asked.tz is not None:
        checked_zone(asked.tz, "/tz")
    await demand(runtime, (CODE_ACCOUNT, key), (CODE_ADDRESS, address_prefix(request)))
    new, user, account_type = await _confirmed(session, parts, key, asked)
    answer = ConfirmSignUpAnswer(account_type=account_type)
    if not asked.login:
        return answer
    terms = sessions.Terms(device=request.headers.get("user-agent", "")[:200] or None, proof=SENT_CODE)
    signed_in = await following.sign_in(session, parts, user.id, terms) if new else following.FAILED
    if isinstance(signed_in, LoginError):
        answer.login_error = signed_in
        return answer
    return ConfirmSignUpAnswer(account_type=account_type, **msgspec.structs.asdict(signed_in))


async def _confirmed(session: AsyncSession, parts: Parts, key: str, asked: ConfirmSignUp) -> tuple[bool, User, Any]:
    """Whose code it was, whether their login is new, and what it is: by an invitation's code or a sign-up's own.

    A login that was there before keeps its password, so the code does not sign it in.
    """
    if normalised(asked.confirmation_code) is not None:
        made = await claiming.confirm_made(session, parts, key, asked.confirmation_code, asked.tz)
        return True, made, made.account_type
    subject, channel = await codes.redeem(session, parts, "sign-up", key, asked.confirmation_code)
    sign_up = await session.get_one(SignUpRequest, subject)
    user = await session.get(User, sign_up.user_id, with_for_update=True) if sign_up.user_id else None
    states = {"registered", "confirmed"} if sign_up.onboarding_request_id else {"registered"}
    if user is None or user.state not in states:
        raise codes.wrong_code()
    new, details = user.state == "registered", details_of(parts.vault, sign_up)
    proven = details.email if channel == "email" else details.phone
    account_type = await complete(session, parts, user, sign_up, asked.tz, proven=proven)
    await codes.withdraw(session, "sign-up", key)
    return new, user, account_type
