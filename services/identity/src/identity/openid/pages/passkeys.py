"""A passkey on the pages: alone in place of name and password, or as the second factor."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from kernel import TooManyRequests, Unauthorized
from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from identity.login import needs
from identity.openid.interactions import queries
from identity.openid.interactions.going_on import go_on, redirect
from identity.openid.pages import signing_in
from identity.openid.pages.elsewhere import lead, provider_of
from identity.openid.pages.visiting import Visit
from identity.parts import parts_of
from identity.passkeys import ceremonies, proving
from identity.sessions import commands as sessions
from identity.throttling import commands as throttling
from identity.throttling.budgets import PASSKEY_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix, device_of


async def show(runtime: Runtime, session: AsyncSession, request: AnyRequest, visit: Visit) -> Response[Any]:
    """Check what a passkey has signed and go on; the page again with what was wrong."""
    parts = parts_of(runtime)
    step = await queries.next_step(session, visit.interaction)
    if step not in {"sign-in", "second-factor"}:
        return redirect(await go_on(session, parts, visit.interaction))
    charge = (PASSKEY_ADDRESS, address_prefix(request))
    try:
        await throttling.demand(runtime, charge)
        credential = _credential(visit)
        user_id, beside = await _whose(session, visit, credential, alone=step == "sign-in")
        if not await sessions.admit(session, user_id, None):
            raise ceremonies.refusal()
        shown = await proving.prove(session, parts, user_id, credential, beside)
        username = (await needs.read(session, user_id)).who.username
        if step == "sign-in" and (provider_id := await provider_of(runtime, username, own=True)) is not None:
            return lead(runtime, request, visit, provider_id, username)
        device = device_of(request, parts)
        answer = await signing_in.admitted(runtime, session, request, visit, user_id, shown.proof, device)
    except (Unauthorized, TooManyRequests) as error:
        values = await signing_in.offers(session) | {"username": ""} if step == "sign-in" else {}
        return signing_in.again(runtime, request, visit, step, error, **values)
    await throttling.refund(runtime, [charge])
    return answer


def _credential(visit: Visit) -> dict[str, Any]:
    """What the browser sent. Raises Refused for what is no object."""
    try:
        return msgspec.json.decode(visit.form.get("credential", ""), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise ceremonies.refusal() from None


async def _whose(
    session: AsyncSession, visit: Visit, credential: dict[str, Any], *, alone: bool
) -> tuple[UUID, tuple[str, ...]]:
    """Who has to have signed, and what they have shown before. Raises Refused."""
    interaction = visit.interaction
    known = interaction.proven_user_id or interaction.user_id
    if alone or known is None:
        return await proving.owner(session, credential), ()
    return known, tuple(interaction.proven_amr or interaction.amr or ())
