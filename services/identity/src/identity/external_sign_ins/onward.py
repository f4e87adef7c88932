"""Where somebody goes who has come back: into a page's interaction, to an application with a code, or no further."""

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from chassis.runtime import Runtime
from litestar import Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.external_sign_ins.models import ExternalIdentity, ExternalSignIn
from identity.external_sign_ins.starting import NO_STORE, unknown_state
from identity.login import needs
from identity.login.exchanging import Exchange, exchange, remember
from identity.login.external import sealed_proof
from identity.login.schemas import LoginAnswer
from identity.openid import browser_sessions
from identity.openid.interactions import commands as interactions
from identity.openid.interactions import queries as interaction_queries
from identity.openid.interactions.going_on import go_on, redirect
from identity.parts import parts_of
from identity.sessions.proofs import TWO_FACTORS
from identity.throttling.callers import AnyRequest, device_cookie

CODE_LIVES = timedelta(minutes=5)
TIMED = text("UPDATE external_sign_ins SET code_expires_at = clock_timestamp() + :lives WHERE id = :id")
USE = text("UPDATE external_sign_ins SET used_at = clock_timestamp() WHERE id = :id AND used_at IS NULL RETURNING id")
DEVICE_TEXT = 200


async def coded(session: AsyncSession, row: ExternalSignIn) -> str:
    """A fresh code for the way, instead of the one that it had."""
    code = secrets.token_urlsafe(32)
    row.code = browser_sessions.digest(code)
    await session.flush()
    await session.execute(TIMED, {"id": row.id, "lives": CODE_LIVES})
    return code


async def onward(runtime: Runtime, session: AsyncSession, request: AnyRequest, row: ExternalSignIn) -> Response[Any]:
    """Send the browser on. `row` is locked and its person let in. Raises Unauthorized where more has to be shown."""
    if row.interaction_id is not None:
        return await _into_interaction(runtime, session, request, row)
    code = await coded(session, row)
    if row.next is not None:
        return redirect(f"{row.next}{'&' if '?' in row.next else '?'}{urlencode({'code': code})}")
    done = await exchange(runtime, session, request, Exchange(code=code))
    answer = msgspec.convert(done.answer, LoginAnswer, from_attributes=True)
    return Response(answer, status_code=200, headers=NO_STORE | device_cookie(done.device, parts_of(runtime)))


async def _into_interaction(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, row: ExternalSignIn
) -> Response[Any]:
    """Go on with the page that sent the browser to the provider, as who has signed in."""
    parts = parts_of(runtime)
    browser = browser_sessions.browser_of(request, parts)
    found = await interaction_queries.find(session, row.interaction_id, browser, lock=True)  # pyright: ignore[reportArgumentType]
    used = (await session.execute(USE, {"id": row.id})).first()
    if found is None or used is None:
        raise unknown_state()
    user_id = (await session.get_one(ExternalIdentity, row.identity_id)).user_id
    proof = sealed_proof(row.proof)
    factor = (await needs.read(session, user_id)).factor
    if factor is not None and proof.acr != TWO_FACTORS:
        interactions.proven(found, user_id, tuple(proof.amr))
        return redirect(await go_on(session, parts, found))
    before = await browser_sessions.read(session, parts, request)
    device = request.headers.get("user-agent", "")[:DEVICE_TEXT] or None
    cookie = await interactions.signed_in(session, found, user_id, proof, before=before, device=device)
    await remember(session, parts, row, found.session_id)
    return redirect(await go_on(session, parts, found), browser_sessions.session_cookie(cookie, parts))
