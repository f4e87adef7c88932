"""Signing in through a SAML identity provider, as its service provider (SAML 2.0 Profiles, sections 4.1 and 4.4).

python3-saml makes and checks messages; `saml_checks` refuses beforehand whatever has another form than one signed
assertion directly within one response, and compares to the letter what the library compares by its beginning.
"""

import asyncio
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import msgspec
from chassis.runtime import Runtime

from identity.external_sign_ins import saml_checks
from identity.external_sign_ins.upstream import Upstream
from identity.identity_providers import addresses, credentials, mapping
from identity.identity_providers.mapping import Claimed
from identity.identity_providers.models import IdentityProvider
from identity.identity_providers.saml_metadata import Endpoints
from identity.parts import parts_of

POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


class Library(NamedTuple):
    """What is used of python3-saml. `refusals` are the exceptions by which it refuses a message."""

    auth: Any
    metadata: Any
    response: Any
    settings: Any
    refusals: tuple[type[Exception], ...]


@cache
def library() -> Library:
    """python3-saml, loaded by who needs it first: with the XML libraries below it, it takes 11 MB of every process."""
    auth, errors, metadata, response, settings = (
        import_module(f"onelogin.saml2.{name}") for name in ("auth", "errors", "metadata", "response", "settings")
    )
    return Library(
        auth.OneLogin_Saml2_Auth,
        metadata.OneLogin_Saml2_Metadata,
        response.OneLogin_Saml2_Response,
        settings.OneLogin_Saml2_Settings,
        (errors.OneLogin_Saml2_Error, errors.OneLogin_Saml2_ValidationError),
    )


class Shown(NamedTuple):
    """Who came back, by which assertion, until when it would count, and the session over there."""

    claimed: Claimed
    assertion_id: str
    expires_at: datetime
    upstream: Upstream


def endpoints_of(provider: IdentityProvider) -> Endpoints:
    """Where a provider's people are sent."""
    return msgspec.convert(provider.endpoints, Endpoints)


def settings_of(runtime: Runtime, provider: IdentityProvider, *, signed_messages: bool = False) -> dict[str, Any]:
    """What the library has to know of both sides. `signed_messages` for sign-outs, which have no assertion."""

    def own(action: str) -> str:
        return addresses.service_provider(runtime.common.public_url, provider.id, action)

    endpoints = endpoints_of(provider)
    sign_out = {"singleLogoutService": {"url": endpoints.sign_out_url, "binding": REDIRECT}}
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": own("metadata"),
            "assertionConsumerService": {"url": own("acs"), "binding": POST},
            "singleLogoutService": {"url": own("logout"), "responseUrl": own("logged-out"), "binding": REDIRECT},
            "NameIDFormat": UNSPECIFIED,
            "x509cert": provider.certificate,
            "privateKey": credentials.key_of(parts_of(runtime).vault, provider),
        },
        "idp": {
            "entityId": provider.issuer,
            "singleSignOnService": {"url": endpoints.sign_in_url, "binding": REDIRECT},
            "x509certMulti": {"signing": endpoints.certificates},
            **(sign_out if endpoints.sign_out_url else {}),
        },
        "security": {
            "authnRequestsSigned": True,
            "logoutRequestSigned": True,
            "logoutResponseSigned": True,
            "wantMessagesSigned": signed_messages,
            "wantAssertionsSigned": True,
            "wantAttributeStatement": False,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "signatureAlgorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "digestAlgorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
            "allowRepeatAttributeName": True,
        },
    }


def place(url: str, **more: Any) -> dict[str, Any]:
    """A request to one of our addresses, as the library reads it."""
    parts = urlsplit(url)
    standing = {"https": "on" if parts.scheme == "https" else "off", "http_host": parts.netloc}
    return {**standing, "script_name": parts.path, "get_data": {}, "post_data": {}, **more}


def request(
    runtime: Runtime, provider: IdentityProvider, relay_state: UUID, login_hint: str | None, *, fresh: bool
) -> tuple[str, str]:
    """Where the browser is sent with a signed AuthnRequest, and the request's id.

    The hint stands beside the request, where providers look for it; a subject within it is refused by some.
    """
    auth = library().auth(place(runtime.common.public_url), settings_of(runtime, provider))
    url = str(auth.login(return_to=str(relay_state), force_authn=fresh))
    hint = f"&{urlencode({'login_hint': login_hint})}" if login_hint else ""
    return f"{url}{hint}", str(auth.get_last_request_id())


async def shown(runtime: Runtime, provider: IdentityProvider, response: str, request_id: str | None) -> Shown:
    """Who a response is about. Without `request_id` nobody asked for it. Raises Invalid for what does not count."""
    settings = settings_of(runtime, provider)
    return await asyncio.to_thread(_shown, provider, settings, response, request_id)


def _shown(provider: IdentityProvider, settings: dict[str, Any], text: str, request_id: str | None) -> Shown:
    acs, audience = settings["sp"]["assertionConsumerService"]["url"], settings["sp"]["entityId"]
    form = saml_checks.checked(text, acs, audience, request_id)
    try:
        response = library().response(library().settings(settings), text)
        response.is_valid(place(acs), request_id, raise_exceptions=True)
        said, name_id = response.get_attributes(), str(response.get_nameid() or "")
        index, multiple = response.get_session_index(), set(response.get_authn_contexts()) & mapping.MULTIPLE
        kind = response.get_nameid_format()
    except library().refusals as error:
        raise saml_checks.refusal(str(error)) from error
    if response.get_assertion_id() != form.assertion_id:
        raise saml_checks.refusal("The signature is over another element.")
    lasting = name_id if kind != TRANSIENT else None
    taken = mapping.taken(said, mapping.names_of(provider.attribute_names), mapping.SAML_NAMES, lasting)
    if not taken.get("subject"):
        raise saml_checks.refusal("The assertion does not say who it is for good.")
    who = Claimed(**taken, email_verified=True, multiple=bool(multiple), at=form.at)
    return Shown(who, form.assertion_id, form.expires_at, Upstream(name_id, kind, index))


def described(runtime: Runtime, provider: IdentityProvider) -> bytes:
    """The service provider's metadata for a provider."""
    settings = settings_of(runtime, provider)
    made = library().metadata.builder(
        settings["sp"] | {"attributeConsumingService": {}},
        authnsign=True,
        wsign=True,
        valid_until=None,
        cache_duration="PT24H",
    )
    whole = library().metadata.add_x509_key_descriptors(made, provider.certificate, add_encryption=False)
    return whole.encode() if isinstance(whole, str) else whole


def sign_out_address(runtime: Runtime, provider: IdentityProvider, upstream: Upstream, relay_state: str) -> str | None:
    """Where the browser is sent to sign out over there; None where the provider has no such place."""
    if endpoints_of(provider).sign_out_url is None:
        return None
    auth = library().auth(place(runtime.common.public_url), settings_of(runtime, provider))
    return auth.logout(
        return_to=relay_state,
        name_id=upstream.name_id,
        session_index=upstream.index,
        name_id_format=upstream.format,
    )


def signed_out(
    runtime: Runtime, provider: IdentityProvider, action: str, query: dict[str, str], raw_query: str
) -> tuple[Any, str | None]:
    """A checked message of the provider about a sign-out (its root element), and where its sender gets an answer.

    Raises Invalid for a message that is not signed, not the provider's, old, or meant for another place.
    """
    here = addresses.service_provider(runtime.common.public_url, provider.id, action)
    name = "SAMLRequest" if "SAMLRequest" in query else "SAMLResponse"
    root = saml_checks.message(query[name], provider.issuer, here)
    settings = settings_of(runtime, provider, signed_messages=True)
    asked = place(here, get_data=query, query_string=raw_query, validate_signature_from_qs=True)
    auth = library().auth(asked, settings)
    try:
        answer = auth.process_slo(keep_local_session=True)
    except library().refusals as error:
        raise saml_checks.refusal(str(error)) from error
    if auth.get_errors():
        raise saml_checks.refusal(auth.get_last_error_reason() or "The message does not count.")
    return root, answer
