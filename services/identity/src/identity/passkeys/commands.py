"""Registering, renaming and removing passkeys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import PasskeyRegistered, PasskeyRemoved
from kernel import Conflict, Forbidden, uuid7
from messaging import publish
from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.parts import parts_of
from identity.passkeys import ceremonies, challenges, queries
from identity.passkeys.models import Passkey
from identity.passkeys.schemas import NewPasskey
from identity.step_up import require_recent
from identity.throttling.budgets import PASSKEY_ADDRESS, PASSKEY_USER
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand
from identity.usernames import checked_name
from identity.users.credentials import tell
from identity.users.models import User

MOST = 20


async def registration_options(
    runtime: Runtime, session: AsyncSession, principal: Principal
) -> tuple[dict[str, Any], datetime]:
    """What the browser is asked for to make a passkey, and until when. Raises InsufficientAuthentication, Conflict."""
    await demand(runtime, (PASSKEY_USER, principal.subject))
    user = await _person(session, principal)
    await require_recent(session, principal)
    known = await queries.known(session, user.id)
    _check_room(len(known))
    challenge, expires_at = await challenges.issue(session, "register", user.id)
    shown = " ".join(name for name in (user.first_name, user.last_name) if name) or user.username
    options = ceremonies.registration_options(parts_of(runtime), challenge, user.id.bytes, user.username, shown, known)
    return options, expires_at


async def create(runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewPasskey) -> Passkey:
    """Keep the key that the authenticator made. Raises Refused, Conflict, InsufficientAuthentication."""
    parts = parts_of(runtime)
    name = checked_name(asked.name, "/data/attributes/name")
    user = await _person(session, principal, lock=True)
    await require_recent(session, principal)
    challenge = ceremonies.challenge_of(asked.credential)
    if not await challenges.use(session, "register", challenge, user.id):
        raise ceremonies.refusal()
    made = ceremonies.registered(parts, asked.credential, challenge)
    _check_room(len(await queries.known(session, user.id)))
    if await session.scalar(select(exists().where(Passkey.credential_id == made.credential_id))):
        raise Conflict("This passkey is registered already.", code="taken")
    row = Passkey(
        id=uuid7(),
        user_id=user.id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
        transports=ceremonies.transports_of(asked.credential),
        aaguid=UUID(made.aaguid),
        synced=made.credential_backed_up,
    )
    session.add(row)
    await session.flush()
    await session.refresh(row)
    record(session, principal, "passkey-registered", user.id, target=_target(row.id))
    await publish(session, PasskeyRegistered(passkey_id=row.id, user_id=user.id))
    await tell(session, parts, user, "passkey-added")
    return row


async def rename(session: AsyncSession, principal: Principal, passkey_id: UUID, name: str) -> Passkey:
    """Give one of one's own another name. Raises NotFound, Invalid."""
    row = await queries.own(session, principal, passkey_id)
    row.name = checked_name(name, "/data/attributes/name")
    record(session, principal, "passkey-renamed", row.user_id, target=_target(row.id))
    await session.flush()
    return row


async def delete(runtime: Runtime, session: AsyncSession, principal: Principal, passkey_id: UUID) -> None:
    """Take one away. Raises NotFound, InsufficientAuthentication, or Conflict where the person could not sign in."""
    row = await queries.removable(session, principal, passkey_id)
    await require_recent(session, principal)
    user = (await session.scalars(select(User).where(User.id == row.user_id).with_for_update())).one()
    if user.password_hash is None and not await _another(session, row):
        raise Conflict("Without it nobody could sign in; set a password or add a passkey first.", code="last-way-in")
    await session.delete(row)
    record(session, principal, "passkey-removed", user.id, target=_target(row.id))
    await publish(session, PasskeyRemoved(passkey_id=row.id, user_id=user.id))
    await tell(session, parts_of(runtime), user, "passkey-removed")


async def sign_in_options(
    runtime: Runtime, session: AsyncSession, request: AnyRequest
) -> tuple[dict[str, Any], datetime]:
    """What the browser is asked for to sign in, and until when. Raises TooManyRequests."""
    await demand(runtime, (PASSKEY_ADDRESS, address_prefix(request)))
    challenge, expires_at = await challenges.issue(session, "sign-in")
    return ceremonies.sign_in_options(parts_of(runtime), challenge), expires_at


async def _person(session: AsyncSession, principal: Principal, *, lock: bool = False) -> User:
    statement = select(User).where(User.id == principal.user_id)
    user = (await session.scalars(statement.with_for_update() if lock else statement)).first()
    if user is None:
        raise Forbidden("Only people have passkeys.")
    return user


async def _another(session: AsyncSession, row: Passkey) -> bool:
    """Whether the person has a further passkey that counts."""
    others = select(func.count()).where(
        Passkey.user_id == row.user_id, Passkey.id != row.id, Passkey.suspended_at.is_(None)
    )
    return bool(await session.scalar(others))


def _check_room(number: int) -> None:
    if number >= MOST:
        raise Conflict(f"There are {MOST} already; remove one.", code="too-many")


def _target(passkey_id: UUID) -> str:
    return f"passkeys:{passkey_id}"
