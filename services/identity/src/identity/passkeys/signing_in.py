"""Signing in by a passkey alone: no name is asked for, and no further factor."""

from typing import Any

import msgspec
from chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncSession

from identity.login import needs
from identity.login.commands import FIND, Account, Outcome, device_text, elsewhere, names, sign_ins
from identity.login.schemas import LoginAnswer
from identity.parts import parts_of
from identity.passkeys import ceremonies, proving
from identity.passkeys.schemas import PasskeySignIn
from identity.service_documents import agreements
from identity.sessions import commands as sessions
from identity.sessions.commands import SESSION_SECONDS, Terms
from identity.throttling import commands as throttling
from identity.throttling.budgets import PASSKEY_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix, device_of
from identity.tokens import ACCESS_SECONDS
from identity.usernames import comparable


async def sign_in(runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: PasskeySignIn) -> Outcome:
    """Tokens for whose passkey has answered.

    Whom an identity provider has goes there, as with a password. Raises Refused alike for all that does not count,
    Unauthorized while documents wait, TooManyRequests.
    """
    parts, charge = parts_of(runtime), (PASSKEY_ADDRESS, address_prefix(request))
    await throttling.demand(runtime, charge)
    user_id = await proving.owner(session, asked.credential)
    if not await sessions.admit(session, user_id, None):
        raise ceremonies.refusal()
    shown = await proving.prove(session, parts, user_id, asked.credential)
    needed = await needs.read(session, user_id)
    if (url := await _elsewhere(runtime, needed.who.username)) is not None:
        sign_ins.labels("redirected").inc()
        return Outcome(LoginAnswer(redirect_url=url), None, [charge])
    waiting = needed.documents
    if asked.service_document_agreements:
        await agreements.record(session, user_id, asked.service_document_agreements, "login")
        waiting = await agreements.outstanding(session, user_id)
    await agreements.demand(session, parts, waiting, needed.who.locale)
    answer: Any = await sessions.begin(session, parts, needed.who, _terms(asked, request, shown))
    sign_ins.labels("signed-in-by-passkey").inc()
    device = device_of(request, parts).after(user_id)
    return Outcome(msgspec.convert(answer, LoginAnswer, from_attributes=True), device, [charge])


async def _elsewhere(runtime: Runtime, username: str) -> str | None:
    """Where the person signs in instead, if an identity provider has them; as it is with a password."""
    key = comparable(username)
    account = Account(*await runtime.row(FIND, key, names.of_address(key) or ""))
    provider_id = account.provider_id or account.own_provider_id
    if provider_id is None or account.exempt:
        return None
    return elsewhere.SignsInElsewhere(runtime, provider_id, username).url


def _terms(asked: PasskeySignIn, request: AnyRequest, shown: proving.Shown) -> Terms:
    return Terms(
        access_seconds=asked.access_token_expiration_seconds or ACCESS_SECONDS,
        refresh_seconds=asked.refresh_token_expiration_seconds or SESSION_SECONDS,
        sticky=asked.sticky_access_token_expiration,
        interactive=True,
        device=device_text(request),
        proof=shown.proof,
    )
