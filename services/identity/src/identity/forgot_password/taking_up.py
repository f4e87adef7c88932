"""The worker's half of a forgotten password: a user who may have one gets a code."""

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.codes.commands import issue
from identity.forgot_password.models import PasswordRequest
from identity.message_contents.commands import send
from identity.message_contents.content import Channel, Content
from identity.parts import Parts
from identity.users.models import User
from identity.zones import DEFAULT_LOCALE


async def take_up(session: AsyncSession, parts: Parts, row: PasswordRequest) -> None:
    """Send a code if there is somebody to send it to."""
    key = row.username_key
    statement = (
        select(User)
        .where(or_(User.username_key == key, (User.email_key == key) & User.email_verified))
        .where(User.state.in_(("confirmed", "force_reset_password")))
        .order_by((User.username_key == key).desc())
        .limit(1)
    )
    user = (await session.scalars(statement)).first()
    channel: Channel = "sms" if row.channel == "sms" else "email"
    recipient = _verified(user, channel) if user else None
    if user is None or recipient is None:
        return
    code, expires_at = await issue(session, parts, "forgot-password", key, user.id, channel)
    content = Content(
        recipient=recipient,
        locale=user.locale or DEFAULT_LOCALE,
        variables={"code": code, "first_name": user.first_name or "", "username": user.username},
    )
    where: dict[str, Any] = {
        "user_id": user.id,
        "organization_id": user.default_organization_id,
        "expires_at": expires_at,
    }
    await send(session, parts, "forgot-password-code", channel, content, **where)


def _verified(user: User, channel: Channel) -> str | None:
    if channel == "sms":
        return user.phone if user.phone_verified else None
    return user.email if user.email_verified else None
