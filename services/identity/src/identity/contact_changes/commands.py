"""Asking for another e-mail address or phone number: a code goes to it, and nothing changes before it comes back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Conflict, Forbidden, uuid7
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.codes.commands import Purpose, issue
from identity.contact_changes.models import ContactChange, Kind
from identity.message_contents.commands import send
from identity.message_contents.content import Channel, Content
from identity.parts import Parts, parts_of
from identity.step_up import require_recent
from identity.throttling.budgets import MESSAGE_ACCOUNT, MESSAGE_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand
from identity.usernames import checked_email, checked_phone, comparable
from identity.users import queries
from identity.users.models import User
from identity.zones import DEFAULT_LOCALE

PURPOSES: dict[Kind, Purpose] = {"email": "change-email", "phone": "confirm-phone"}
SWEEP = text("DELETE FROM contact_changes WHERE created_at < now() - interval '1 day'")


async def change_email(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, principal: Principal, user_id: UUID, typed: str
) -> None:
    """Send a code to the new address and tell the old one. Raises Invalid, Conflict, Forbidden, TooManyRequests.

    The owner of an address that is in use gets no code but is told, so the answer does not say whose it is.
    """
    email = checked_email(typed, "/email")
    await _demand(runtime, request, principal, comparable(email))
    user = await own(session, principal, user_id)
    await require_recent(session, principal)
    if user.email_verified and comparable(email) == user.email_key:
        raise Conflict("This is the address already.", pointer="/email", code="unchanged")
    parts = parts_of(runtime)
    code, expires_at = await _ask(session, parts, user, "email", email)
    holder = await verified_holder(session, comparable(email), user.id)
    if holder is None:
        await _tell(session, parts, user, "change-email-code", email, code=code, expires_at=expires_at)
    else:
        await _tell(session, parts, holder, "change-email-existing", email)
    if user.email and user.email_verified:
        await _tell(session, parts, user, "change-email-notice", user.email)
    record(session, principal, "email-change-requested", user.id)


async def ask_phone(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, principal: Principal, user_id: UUID, number: str
) -> None:
    """Send a code to a phone number in E.164. Raises Conflict, Forbidden, TooManyRequests."""
    await _demand(runtime, request, principal, number)
    user = await own(session, principal, user_id)
    await require_recent(session, principal)
    if user.phone_verified and number == user.phone:
        raise Conflict("This number is confirmed already.", pointer="/phone-number", code="unchanged")
    parts = parts_of(runtime)
    code, expires_at = await _ask(session, parts, user, "phone", number)
    await _tell(session, parts, user, "confirm-phone-code", number, "sms", code=code, expires_at=expires_at)


async def own(session: AsyncSession, principal: Principal, user_id: UUID, *, lock: bool = False) -> User:
    """The caller's own account. Raises NotFound, or Forbidden for everybody else, whoever acts as them included."""
    user = await queries.read(session, principal, user_id, lock=lock)
    if user.id != principal.user_id or principal.impersonator is not None:
        raise Forbidden("Only the person themselves may do this.")
    return user


async def verified_holder(session: AsyncSession, email_key: str, besides: UUID) -> User | None:
    """Who else has shown that an e-mail address is theirs."""
    statement = select(User).where(User.email_key == email_key, User.email_verified, User.id != besides)
    return (await session.scalars(statement)).first()


def number_of(typed: str) -> str:
    """A phone number in E.164. Raises Invalid."""
    return checked_phone(typed, "/phone-number")


async def _demand(runtime: Runtime, request: AnyRequest, principal: Principal, address: str) -> None:
    """Charge the caller, the address that is written to and the network, before the request holds a connection."""
    people = ((MESSAGE_ACCOUNT, principal.subject), (MESSAGE_ACCOUNT, address))
    await demand(runtime, *people, (MESSAGE_ADDRESS, address_prefix(request)))


async def _ask(session: AsyncSession, parts: Parts, user: User, kind: Kind, value: str) -> tuple[str, datetime]:
    row = ContactChange(id=uuid7(), user_id=user.id, kind=kind, value=value)
    session.add(row)
    channel = "email" if kind == "email" else "sms"
    return await issue(session, parts, PURPOSES[kind], str(user.id), row.id, channel)


async def _tell(
    session: AsyncSession,
    parts: Parts,
    user: User,
    message: str,
    recipient: str,
    channel: Channel = "email",
    *,
    code: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    variables = {"first_name": user.first_name or "", "username": user.username}
    content = Content(
        recipient=recipient,
        locale=user.locale or DEFAULT_LOCALE,
        variables=variables | ({"code": code} if code else {}),
    )
    where: dict[str, Any] = {"user_id": user.id, "organization_id": user.default_organization_id}
    await send(session, parts, message, channel, content, expires_at=expires_at, **where)
