"""Showing again who one is, in a running session (RFC 9470, step-up)."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Forbidden, Invalid, NotFound
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity import step_up
from identity.audit_events.commands import record, record_alone
from identity.login import needs
from identity.mfa_totp import proving
from identity.parts import Parts, parts_of
from identity.passkeys import proving as passkeys
from identity.sessions import commands
from identity.sessions.proofs import PASSWORD, PASSWORD_AND_CODE, Proof
from identity.sessions.schemas import Reauthenticate, SignedIn
from identity.throttling.budgets import PASSWORD_USER
from identity.throttling.callers import AnyRequest, device_of
from identity.throttling.commands import Charge, demand
from identity.users.models import User


async def reauthenticate(
    runtime: Runtime,
    session: AsyncSession,
    request: AnyRequest,
    principal: Principal,
    session_id: UUID,
    asked: Reauthenticate,
) -> tuple[SignedIn, list[Charge]]:
    """New tokens that say so, and what the try had cost and gives back.

    Raises NotFound for another session than the running one, Invalid for a wrong password, Unauthorized where a code
    is missing or wrong, Refused for a passkey that does not count, TooManyRequests.
    """
    if principal.session_id != session_id or principal.user_id is None:
        raise NotFound
    parts, user_id = parts_of(runtime), principal.user_id
    spent: list[Charge] = [(PASSWORD_USER, str(user_id))]
    await demand(runtime, *spent)
    kept = None if asked.password is None else await _matching(runtime, parts, user_id, asked.password)
    if asked.totp_code is not None:
        spent.append(await proving.charge(runtime, device_of(request, parts), user_id))
    if not await commands.admit(session, user_id, kept):
        raise Forbidden("The account may not sign in.")
    proof = await _proven(session, parts, user_id, asked)
    await step_up.note(session, principal, proof)
    record(session, principal, "reauthenticated", user_id, target=f"sessions:{session_id}")
    return await commands.renew(session, parts, principal), spent


async def _matching(runtime: Runtime, parts: Parts, user_id: UUID, password: str) -> str:
    """The hash that the password has just matched. No connection is held meanwhile."""
    async with runtime.reads() as reading:
        kept = await reading.scalar(select(User.password_hash).where(User.id == user_id))
    if not await parts.hasher.matches(kept, password) or kept is None:
        await record_alone(runtime, "reauthentication-failed", user_id)
        raise Invalid("The password is not right.", pointer="/password", code="wrong-password")
    return kept


async def _proven(session: AsyncSession, parts: Parts, user_id: UUID, asked: Reauthenticate) -> Proof:
    """A passkey is enough by itself; a password takes the code with it where an authenticator is on."""
    beside = () if asked.password is None else ("pwd",)
    if asked.passkey is not None:
        return (await passkeys.prove(session, parts, user_id, asked.passkey, beside)).proof
    if asked.password is None:
        raise Invalid("Give the password or what a passkey has signed.", pointer="/password", code="required")
    needed = await needs.read(session, user_id)
    if needed.factor is None:
        return PASSWORD
    await proving.prove(session, parts, user_id, needed.factor, asked.totp_code)
    return PASSWORD_AND_CODE
