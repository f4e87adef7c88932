"""Taking in what SAML providers send: responses, and messages about sign-outs."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from kernel import Invalid
from litestar import Response
from sqlalchemy import select, text

from identity.external_sign_ins import commands as sign_ins
from identity.external_sign_ins import saml
from identity.external_sign_ins.models import ExternalSignIn
from identity.external_sign_ins.starting import unknown_state
from identity.external_sign_ins.upstream import index_mark, subject_mark
from identity.identity_providers import addresses
from identity.identity_providers.markup import found
from identity.identity_providers.models import IdentityProvider
from identity.openid import browser_sessions
from identity.openid.interactions.going_on import redirect
from identity.parts import parts_of
from identity.saml_acs.queries import saml_provider
from identity.saml_acs.schemas import PostedResponse
from identity.throttling.budgets import EXTERNAL_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 50
NAMED = text("""
    SELECT session_id FROM external_sessions
     WHERE provider_id = :provider_id AND subject_mark = :subject
       AND (CAST(:indexes AS bytea[]) = '{}' OR index_mark = ANY(:indexes))
     ORDER BY session_id
""")


async def acs(runtime: Runtime, request: AnyRequest, provider_id: UUID) -> Response[Any]:
    """Take in a response. Raises Invalid, NotFound, Forbidden or TooManyRequests."""
    with sign_ins.counted("saml"):
        return await _acs(runtime, request, provider_id)


async def _acs(runtime: Runtime, request: AnyRequest, provider_id: UUID) -> Response[Any]:
    await demand(runtime, (EXTERNAL_ADDRESS, address_prefix(request)))
    posted = _posted(await request.body(), request.headers.get("content-type", ""))
    async with runtime.reads() as session:
        provider = await saml_provider(session, provider_id)
        asked = await session.scalar(
            select(ExternalSignIn).where(
                ExternalSignIn.id == _identifier(posted.RelayState),
                ExternalSignIn.provider_id == provider_id,
                ExternalSignIn.answered_at.is_(None),
            )
        )
    if asked is None and (not provider.allows_unsolicited or _identifier(posted.RelayState) is not None):
        raise unknown_state()
    shown = await saml.shown(runtime, provider, posted.SAMLResponse, asked.request_id if asked else None)
    row = await sign_ins.take(runtime, asked.id, None) if asked else sign_ins.unsolicited(provider, posted.RelayState)
    code = await sign_ins.shown(runtime, provider, row, shown)
    place = addresses.service_provider(runtime.common.public_url, provider.id, "finish")
    return redirect(f"{place}?{urlencode({'code': code})}")


async def logout(runtime: Runtime, request: AnyRequest, provider_id: UUID) -> Response[Any]:
    """End the sessions that a LogoutRequest names. Raises Invalid or NotFound."""
    provider, root, answer = await _message(runtime, request, provider_id, "logout")
    vault = parts_of(runtime).vault
    names = ["".join(one.itertext()).strip() for one in found(root, "/samlp:LogoutRequest/saml:NameID")]
    indexes = ["".join(one.itertext()).strip() for one in found(root, "/samlp:LogoutRequest/samlp:SessionIndex")]
    if len(names) != 1 or answer is None:
        raise Invalid("The message names nobody, or there is nowhere to answer.", code="invalid-saml-message")
    values = {
        "provider_id": provider.id,
        "subject": subject_mark(vault, names[0]),
        "indexes": [index_mark(vault, index) for index in indexes],
    }
    async with runtime.sessions.begin() as session:
        for session_id in list(await session.scalars(NAMED, values)):
            await browser_sessions.end(session, session_id)
    return redirect(answer)


async def logged_out(runtime: Runtime, request: AnyRequest, provider_id: UUID) -> Response[Any]:
    """Take in the answer to a sign-out that began here. Raises Invalid or NotFound."""
    provider, _, _ = await _message(runtime, request, provider_id, "logged-out")
    address = next(iter(provider.redirect_addresses), None)
    return redirect(address) if address else Response(None, status_code=204)


async def _message(
    runtime: Runtime, request: AnyRequest, provider_id: UUID, action: str
) -> tuple[IdentityProvider, Any, str | None]:
    await demand(runtime, (EXTERNAL_ADDRESS, address_prefix(request)))
    async with runtime.reads() as session:
        provider = await saml_provider(session, provider_id)
    raw = request.scope["query_string"].decode("ascii", "replace")
    query = dict(parse_qsl(raw, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    root, answer = await asyncio.to_thread(saml.signed_out, runtime, provider, action, query, raw)
    return provider, root, answer


def _posted(raw: bytes, kind: str) -> PostedResponse:
    """The fields of a form or of JSON. Raises Invalid."""
    try:
        if kind.partition(";")[0].strip().lower() == FORM:
            fields: Any = dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
        else:
            fields = msgspec.json.decode(raw)
        return msgspec.convert(fields, PostedResponse)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Invalid("Send a SAMLResponse.", pointer="/SAMLResponse", code="required") from error


def _identifier(relay_state: str | None) -> UUID | None:
    try:
        return UUID(relay_state or "")
    except ValueError:
        return None
