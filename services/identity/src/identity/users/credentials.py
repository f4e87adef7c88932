"""Setting a user's password."""

from uuid import UUID

from contracts.identity import TokensOutdated
from messaging import publish
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.message_contents.commands import send
from identity.message_contents.content import Channel, Content
from identity.parts import Parts
from identity.service_accounts.queries import is_machine
from identity.users.models import User
from identity.zones import DEFAULT_LOCALE

MAY = ("confirmed", "force_reset_password")
OUTLIVE = text("""
    UPDATE sessions SET created_at = CAST(:moment AS timestamptz) + interval '1 microsecond'
     WHERE id = :session_id AND user_id = :user_id AND ended_at IS NULL
""")


async def set_password(session: AsyncSession, parts: Parts, user_id: UUID, password_hash: str) -> bool:
    """Set a password that the user chose anew: all sessions end, the user is told. False when they may not.

    A service account never has one, whatever address somebody gave it.
    """
    user = (await session.scalars(select(User).where(User.id == user_id).with_for_update())).first()
    if user is None or user.state not in MAY or await is_machine(session, user_id):
        return False
    record(session, None, "password-set", user.id)
    await write_password(session, parts, user, password_hash)
    return True


async def write_password(
    session: AsyncSession,
    parts: Parts,
    user: User,
    password_hash: str,
    *,
    keep: bool = False,
    but: UUID | None = None,
) -> None:
    """Write the new hash of a locked user and tell them. Every session ends, unless `keep`, but that of `but`."""
    moment = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    user.password_hash, user.password_changed_at, user.state = password_hash, moment, "confirmed"
    if not keep:
        user.sessions_ended_at = user.tokens_outdated_at = moment
        await session.execute(OUTLIVE, {"session_id": but, "user_id": user.id, "moment": moment})
    await session.flush()  # the epoch is written before it is announced
    if not keep:
        await publish(session, TokensOutdated(user_id=user.id, issued_before=moment))
    await tell(session, parts, user, "password-changed")


async def tell(session: AsyncSession, parts: Parts, user: User, kind: str, *, to: str | None = None) -> None:
    """Send a user a message about their account: by mail (to another address on demand), else to their phone."""
    channel: Channel = "email" if to or user.email or not user.phone_verified else "sms"
    recipient = to or user.email or (user.phone if user.phone_verified else None)
    if recipient is None:
        return
    content = Content(
        recipient=recipient,
        locale=user.locale or DEFAULT_LOCALE,
        variables={"first_name": user.first_name or "", "username": user.username},
    )
    await send(session, parts, kind, channel, content, user_id=user.id, organization_id=user.default_organization_id)
