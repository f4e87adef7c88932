"""Setting a user's password."""

from uuid import UUID

from contracts.identity import TokensOutdated
from messaging import publish
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.message_contents.commands import send
from identity.message_contents.content import Content
from identity.parts import Parts
from identity.users.models import User
from identity.zones import DEFAULT_LOCALE

MAY = ("confirmed", "force_reset_password")


async def set_password(session: AsyncSession, parts: Parts, user_id: UUID, password_hash: str) -> bool:
    """Set a password that the user chose anew: all sessions end, the user is told. False when they may not."""
    user = (await session.scalars(select(User).where(User.id == user_id).with_for_update())).first()
    if user is None or user.state not in MAY:
        return False
    moment = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    user.password_hash, user.password_changed_at, user.state = password_hash, moment, "confirmed"
    user.sessions_ended_at = user.tokens_outdated_at = moment
    record(session, None, "password-set", user.id)
    await session.flush()  # the epoch is written before it is announced
    await publish(session, TokensOutdated(user_id=user.id, issued_before=moment))
    await tell(session, parts, user, "password-changed")
    return True


async def tell(session: AsyncSession, parts: Parts, user: User, kind: str) -> None:
    """Send a user a message about their account, if there is an address to send it to."""
    if user.email is None:
        return
    content = Content(
        recipient=user.email,
        locale=user.locale or DEFAULT_LOCALE,
        variables={"first_name": user.first_name or "", "username": user.username},
    )
    await send(session, parts, kind, "email", content, user_id=user.id, organization_id=user.default_organization_id)
