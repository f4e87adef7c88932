"""Asking for a new password: the request is kept and a worker looks whose it is."""

from chassis.runtime import Runtime
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.forgot_password.models import PasswordRequest
from identity.forgot_password.schemas import ForgotPassword
from identity.throttling.budgets import MESSAGE_ACCOUNT, MESSAGE_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand
from identity.usernames import comparable

SWEEP = text("DELETE FROM password_requests WHERE created_at < now() - interval '1 day'")


async def forgot_password(runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: ForgotPassword) -> None:
    """Keep the request. Raises TooManyRequests."""
    key = comparable(asked.username)
    await demand(runtime, (MESSAGE_ACCOUNT, key), (MESSAGE_ADDRESS, address_prefix(request)))
    session.add(PasswordRequest(username_key=key, channel=asked.source))
