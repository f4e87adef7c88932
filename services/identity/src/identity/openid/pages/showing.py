"""What the pages of an interaction show."""

from typing import Any

from chassis.runtime import Runtime
from litestar import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.openid.interactions import commands, queries
from identity.openid.interactions.going_on import go_on, redirect, refuse
from identity.openid.interactions.queries import Step
from identity.openid.models import Consent
from identity.openid.pages import signing_in
from identity.openid.pages.rendering import page
from identity.openid.pages.visiting import Visit
from identity.openid.scopes import in_words
from identity.parts import parts_of
from identity.service_documents import agreements
from identity.service_documents import queries as documents
from identity.service_documents.models import ServiceDocument
from identity.throttling.callers import AnyRequest
from identity.users.models import User


async def show(runtime: Runtime, session: AsyncSession, request: AnyRequest, visit: Visit, name: Step) -> Response[Any]:
    """The page of a step, if that is the step that comes next; else the way to what does."""
    step = await queries.next_step(session, visit.interaction)
    if step == "finish" or step != name:
        return redirect(f"/oauth2/interactions/{visit.interaction.id}")
    values = await VALUES[name](session, visit)
    return page(request, name, **visit.common(parts_of(runtime)) | values)


async def consent(runtime: Runtime, session: AsyncSession, visit: Visit) -> Response[Any]:
    """Note what the person lets the client have and go on, or tell the client that they do not."""
    parts = parts_of(runtime)
    if visit.form.get("answer") != "go":
        return redirect(await refuse(session, parts, visit.interaction, "access_denied"))
    if await queries.next_step(session, visit.interaction) == "consent":
        await commands.consented(session, visit.interaction, visit.request.scopes, visit.request.claim_names)
    return redirect(await go_on(session, parts, visit.interaction))


async def _sign_in(session: AsyncSession, visit: Visit) -> dict[str, Any]:
    return {"username": visit.request.login_hint or ""} | await signing_in.offers(session)


async def _nothing(session: AsyncSession, visit: Visit) -> dict[str, Any]:
    _ = session, visit
    return {}


async def _documents(session: AsyncSession, visit: Visit) -> dict[str, Any]:
    waiting = await agreements.outstanding(session, visit.interaction.user_id) if visit.interaction.user_id else []
    rows = await session.scalars(select(ServiceDocument).where(ServiceDocument.id.in_(waiting)))
    shown = [await _document(session, row, visit.language) for row in rows]
    return {"documents": shown, "shown": " ".join(str(identifier) for identifier in waiting)}


async def _document(session: AsyncSession, row: ServiceDocument, language: str) -> dict[str, Any]:
    """A document's title and address in the page's language, or in the nearest one that there is."""
    title, locale, _ = await documents.text_in(session, row, language)
    address = f"/v1/service-documents/{row.id}/?html=true&reflow=true&locale={locale}"
    return {"title": title, "address": address, "language": locale.replace("_", "-")}


async def _consent(session: AsyncSession, visit: Visit) -> dict[str, Any]:
    user = await session.get_one(User, visit.interaction.user_id)
    known = await session.get(Consent, (visit.interaction.user_id, visit.interaction.client_id))
    if "consent" in visit.request.prompt:
        known = None
    wanted = queries.missing(visit.request, known.scopes if known else None, known.claims if known else None)
    lines = [in_words(scope) for scope in wanted.scopes]
    device = visit.interaction.device_code is not None
    return {"username": user.username, "lines": lines, "claims": wanted.claims, "device": device}


VALUES: Any = {"sign-in": _sign_in, "second-factor": _nothing, "documents": _documents, "consent": _consent}
