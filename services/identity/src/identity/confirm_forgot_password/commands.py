"""Setting a forgotten password: the code proves the address, every session ends."""

import msgspec
from chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncSession

from identity.codes import commands as codes
from identity.confirm_forgot_password.schemas import ConfirmForgotPassword, ConfirmForgotPasswordAnswer
from identity.login import following
from identity.parts import parts_of
from identity.passwords import policy
from identity.sessions import commands as sessions
from identity.sessions.proofs import SENT_CODE
from identity.sessions.schemas import LoginError
from identity.throttling.budgets import CODE_ACCOUNT, CODE_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand
from identity.usernames import comparable
from identity.users.credentials import set_password


async def confirm_forgot_password(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: ConfirmForgotPassword
) -> ConfirmForgotPasswordAnswer:
    """Set the password, and sign in if it is wanted. Raises Invalid for a code that does not count."""
    parts, key = parts_of(runtime), comparable(asked.username)
    await demand(runtime, (CODE_ACCOUNT, key), (CODE_ADDRESS, address_prefix(request)))
    await policy.check(asked.password, parts.settings.minimum_password_strength, "/password", asked.username)
    password_hash = await parts.hasher.hashed(asked.password)
    user_id, _ = await codes.redeem(session, parts, "forgot-password", key, asked.confirmation_code)
    await codes.withdraw(session, "forgot-password", key)
    if not await set_password(session, parts, user_id, password_hash):
        raise codes.wrong_code()
    if not asked.login:
        return ConfirmForgotPasswordAnswer()
    terms = sessions.Terms(device=request.headers.get("user-agent", "")[:200] or None, proof=SENT_CODE)
    signed_in = await following.sign_in(session, parts, user_id, terms)
    if isinstance(signed_in, LoginError):
        return ConfirmForgotPasswordAnswer(login_error=signed_in)
    return msgspec.convert(signed_in, ConfirmForgotPasswordAnswer, from_attributes=True)
