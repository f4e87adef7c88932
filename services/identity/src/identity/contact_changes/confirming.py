"""A code came back: the address or number that it was sent to is the user's."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import UserUpdated
from kernel import Conflict
from messaging import publish
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.codes import commands as codes
from identity.contact_changes.commands import PURPOSES, own, verified_holder
from identity.contact_changes.models import ContactChange, Kind
from identity.parts import parts_of
from identity.throttling.budgets import CODE_ACCOUNT, CODE_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand
from identity.usernames import comparable
from identity.users.credentials import tell
from identity.users.models import User


async def confirm_email(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, principal: Principal, user_id: UUID, code: str
) -> None:
    """Make the new address the user's. Raises WrongCode, Conflict where somebody else has shown it to be theirs."""
    await _demand(runtime, request, principal)
    user = await own(session, principal, user_id, lock=True)
    email = await _redeemed(runtime, session, user, "email", code)
    key, before = comparable(email), (user.email, user.email_key, user.email_verified)
    if await verified_holder(session, key, user.id) is not None:
        raise _taken()
    if user.username_key == user.email_key and await _free(session, key):
        user.username, user.username_key = email, key
    user.email, user.email_key, user.email_verified = email, key, True
    await _write(session, principal, user, "email-changed")
    if before[0] and before[2] and before[1] != key:
        await tell(session, parts_of(runtime), user, "email-changed", to=before[0])


async def confirm_phone(
    runtime: Runtime,
    session: AsyncSession,
    request: AnyRequest,
    principal: Principal,
    user_id: UUID,
    number: str,
    code: str,
) -> None:
    """Make the number the user's. Raises WrongCode."""
    await _demand(runtime, request, principal)
    user = await own(session, principal, user_id, lock=True)
    if await _redeemed(runtime, session, user, "phone", code) != number:
        raise codes.wrong_code()
    changed = user.phone != number
    if user.phone and user.username_key == comparable(user.phone) and await _free(session, number):
        user.username, user.username_key = number, number
    user.phone, user.phone_verified = number, True
    await _write(session, principal, user, "phone-confirmed")
    if changed:
        await tell(session, parts_of(runtime), user, "phone-changed")


async def _demand(runtime: Runtime, request: AnyRequest, principal: Principal) -> None:
    await demand(runtime, (CODE_ACCOUNT, principal.subject), (CODE_ADDRESS, address_prefix(request)))


async def _redeemed(runtime: Runtime, session: AsyncSession, user: User, kind: Kind, code: str) -> str:
    """What the code was sent to."""
    subject, _ = await codes.redeem(session, parts_of(runtime), PURPOSES[kind], str(user.id), code)
    row = await session.get(ContactChange, subject)
    if row is None:
        raise codes.wrong_code()
    value = row.value
    await codes.withdraw(session, PURPOSES[kind], str(user.id))
    await session.execute(delete(ContactChange).where(ContactChange.user_id == user.id, ContactChange.kind == kind))
    return value


async def _write(session: AsyncSession, principal: Principal, user: User, action: str) -> None:
    record(session, principal, action, user.id)
    try:
        await session.flush()  # the change is written before it is announced
    except IntegrityError as error:
        raise _taken() from error
    await publish(session, UserUpdated(user_id=user.id))


async def _free(session: AsyncSession, username_key: str) -> bool:
    return await session.scalar(select(User.id).where(User.username_key == username_key)) is None


def _taken() -> Conflict:
    return Conflict("This address is in use.", code="taken")
