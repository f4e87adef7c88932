"""The pages of a sign-in: a password, a second factor, documents to agree to."""

from typing import Any

from chassis.runtime import Runtime
from kernel import DomainError, TooManyRequests, Unauthorized, Unavailable
from litestar import Response
from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from identity.login import commands as login
from identity.login import needs
from identity.login.elsewhere import SignsInElsewhere
from identity.mfa_totp import proving
from identity.openid import browser_sessions
from identity.openid.interactions import commands
from identity.openid.interactions.going_on import go_on, redirect, refuse
from identity.openid.pages import elsewhere
from identity.openid.pages.rendering import page
from identity.openid.pages.visiting import Visit, locked, posted
from identity.parts import parts_of
from identity.service_documents import agreements
from identity.sessions.proofs import PASSWORD, TWO_FACTORS, Proof
from identity.throttling.callers import COOKIE, COOKIE_SECONDS, AnyRequest, Device, device_of
from identity.throttling.commands import refund

LONGEST_NAME, LONGEST_PASSWORD, LONGEST_CODE = 1024, 4096, 64


async def sign_in(runtime: Runtime, session: AsyncSession, request: AnyRequest) -> Response[Any]:
    """Check a password and go on; the page again with what was wrong. No connection is held while hashing."""
    async with runtime.reads() as looking:
        visit = await posted(runtime, looking, request, lock=False)
    parts, username = parts_of(runtime), visit.form.get("username", "")[:LONGEST_NAME]
    if visit.cancelled:
        return redirect(await refuse(session, parts, (await locked(session, visit)).interaction, "access_denied"))
    if visit.form.get("answer") == "organization":
        return await _at_organization(runtime, session, request, visit, username)
    try:
        shown = await login.prove_password(
            runtime, request, username, visit.form.get("password", "")[:LONGEST_PASSWORD]
        )
        visit = await locked(session, visit)
        if shown.totp:
            commands.proven(visit.interaction, shown.user_id, tuple(PASSWORD.amr))
            return redirect(await go_on(session, parts, visit.interaction))
        return await _signed_in(runtime, session, request, visit, shown)
    except SignsInElsewhere as error:
        return elsewhere.led(request, visit, error.url)
    except (Unauthorized, TooManyRequests, Unavailable) as error:
        return again(runtime, request, visit, "sign-in", error, username=username, **await offers(session))


async def second_factor(runtime: Runtime, session: AsyncSession, request: AnyRequest, visit: Visit) -> Response[Any]:
    """Check a code and go on; the page again with what was wrong."""
    parts, interaction = parts_of(runtime), visit.interaction
    user_id = interaction.proven_user_id or interaction.user_id
    if visit.cancelled:
        return redirect(await refuse(session, parts, interaction, "access_denied"))
    if user_id is None:
        return redirect(await go_on(session, parts, interaction))
    device = device_of(request, parts)
    try:
        charge = await proving.charge(runtime, device, user_id)
        factor = (await needs.read(session, user_id)).factor
        if factor is None:
            raise Unauthorized("The second factor was taken away meanwhile. Start again.", code="no-factor")
        await proving.prove(session, parts, user_id, factor, visit.form.get("code", "")[:LONGEST_CODE])
        first = interaction.proven_amr or [way for way in interaction.amr or () if way not in {"otp", "mfa"}]
        proof = Proof(TWO_FACTORS, (*first, "otp", "mfa"))
        answer = await admitted(runtime, session, request, visit, user_id, proof, device)
    except (Unauthorized, TooManyRequests) as error:
        return again(runtime, request, visit, "second-factor", error)
    await refund(runtime, [charge])
    return answer


async def agree(runtime: Runtime, session: AsyncSession, visit: Visit) -> Response[Any]:
    """Note what the person agrees to and go on."""
    parts, interaction = parts_of(runtime), visit.interaction
    if visit.cancelled:
        return redirect(await refuse(session, parts, interaction, "access_denied"))
    if interaction.user_id is None:
        return redirect(await go_on(session, parts, interaction))
    shown = visit.form.get("documents", "").split()
    waiting = await agreements.outstanding(session, interaction.user_id)
    agreed = [identifier for identifier in waiting if str(identifier) in shown]
    await agreements.record(session, interaction.user_id, agreed, "login")
    return redirect(await go_on(session, parts, interaction))


async def offers(session: AsyncSession) -> dict[str, Any]:
    """Which other ways the page of a sign-in names; it is not the name that has to be typed anew."""
    return {"organizations": await elsewhere.offered(session), "retype": False}


async def _at_organization(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, visit: Visit, username: str
) -> Response[Any]:
    """Lead to the identity provider of the domain that was typed; the page again where there is none."""
    provider_id = await elsewhere.provider_of(runtime, username)
    if provider_id is not None:
        return elsewhere.lead(runtime, request, visit, provider_id, username)
    values = await offers(session) | {"username": username, "retype": True}
    return again(runtime, request, visit, "sign-in", elsewhere.NoneKnown(), **values)


async def _signed_in(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, visit: Visit, shown: login.Proven
) -> Response[Any]:
    return await admitted(runtime, session, request, visit, shown.user_id, PASSWORD, shown.device, shown.password_hash)


async def admitted(
    runtime: Runtime,
    session: AsyncSession,
    request: AnyRequest,
    visit: Visit,
    user_id: Any,
    proof: Proof,
    device: Device,
    password_hash: str | None = None,
) -> Response[Any]:
    """Sign in who has shown all that it takes, and go on."""
    parts = parts_of(runtime)
    before = await browser_sessions.read(session, parts, request)
    cookie = await commands.signed_in(
        session,
        visit.interaction,
        user_id,
        proof,
        before=before,
        password_hash=password_hash,
        device=login.device_text(request),
    )
    address = await go_on(session, parts, visit.interaction)
    known = Cookie(
        COOKIE,
        value=device.after(user_id),
        path="/oauth2",
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=parts.settings.public_url.startswith("https://"),
    )
    return redirect(address, browser_sessions.session_cookie(cookie, parts), known)


def again(
    runtime: Runtime, request: AnyRequest, visit: Visit, name: str, error: DomainError, **values: Any
) -> Response[Any]:
    """The page once more, with what was wrong."""
    shown: dict[str, Any] = visit.common(parts_of(runtime)) | {"problem": error.detail} | values
    made = page(request, name, status=error.status, **shown)
    if isinstance(error, TooManyRequests | Unavailable):
        made.headers["retry-after"] = str(error.retry_after)
    return made
