"""Signing in through an OpenID Provider, as its client (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9207)."""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from chassis import outside
from chassis.runtime import Runtime
from chassis.tokens import jwt_header
from joserfc import jwt
from joserfc.errors import JoseError
from kernel import Invalid, Unavailable

from identity.external_sign_ins import provider_keys
from identity.identity_providers import addresses, credentials, mapping
from identity.identity_providers.discovery import Endpoints
from identity.identity_providers.mapping import Claimed
from identity.identity_providers.models import IdentityProvider
from identity.parts import parts_of

FORM = "application/x-www-form-urlencoded"
LEEWAY = 60
LARGEST = 256 * 1024
LONGEST_SUBJECT = 255
MOST_FACTORS = 10
DEFAULT_SCOPES = ("openid", "email", "profile")
LAUNCH_SCOPES = ("launch", "openid", "fhirUser")
HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class Secrets(NamedTuple):
    """What only this sign-in knows."""

    nonce: str
    verifier: str


class Wishes(NamedTuple):
    """What is asked of the provider beside who it is."""

    login_hint: str | None = None
    launch: str | None = None
    fresh: bool = False


def endpoints_of(provider: IdentityProvider) -> Endpoints:
    """Where a provider is asked what."""
    return msgspec.convert(provider.endpoints, Endpoints)


def new_secrets() -> Secrets:
    """A nonce, and a verifier for the proof key (RFC 7636, section 4.1)."""
    return Secrets(secrets.token_urlsafe(24), secrets.token_urlsafe(48))


def address(runtime: Runtime, provider: IdentityProvider, state: str, own: Secrets, wishes: Wishes) -> str:
    """Where the browser is sent to."""
    usual = LAUNCH_SCOPES if provider.fhir_url else DEFAULT_SCOPES
    asked = {
        "response_type": "code",
        "client_id": provider.client_id or "",
        "redirect_uri": addresses.redirector(runtime.common.public_url),
        "scope": " ".join(dict.fromkeys(["openid", *(provider.scopes or usual)])),
        "state": state,
        "nonce": own.nonce,
        "code_challenge": _base64(hashlib.sha256(own.verifier.encode()).digest()),
        "code_challenge_method": "S256",
    }
    if provider.fhir_url:
        asked["aud"] = provider.fhir_url
    if wishes.launch:
        asked["launch"] = wishes.launch
    if wishes.login_hint:
        asked["login_hint"] = wishes.login_hint
    if wishes.fresh:
        asked |= {"prompt": "login", "max_age": "0"}
    base = endpoints_of(provider).authorization_url
    return f"{base}{'&' if '?' in base else '?'}{urlencode(asked)}"


def check_issuer(provider: IdentityProvider, named: str | None) -> None:
    """Raise Invalid where the answer is another provider's (RFC 9207, section 2.4)."""
    if named is None and endpoints_of(provider).names_itself:
        raise Invalid("The identity provider did not name itself.", parameter="iss", code="wrong-issuer")
    if named is not None and named != provider.issuer:
        raise Invalid("The answer is another identity provider's.", parameter="iss", code="wrong-issuer")


async def claimed(runtime: Runtime, provider: IdentityProvider, code: str, own: Secrets) -> Claimed:
    """Who came back with a code. Raises Invalid for what does not count, Unavailable without an answer."""
    tokens = await _tokens(runtime, provider, code, own.verifier)
    claims = await _checked(runtime, provider, tokens, own.nonce)
    said = claims | await _userinfo(runtime, provider, tokens, claims)
    taken = mapping.taken(said, mapping.names_of(provider.attribute_names), mapping.OIDC_NAMES)
    if not taken.get("subject"):
        raise _unfit("The identity provider does not say who it is.")
    factors = claims.get("amr")
    auth_time = claims.get("auth_time")
    return Claimed(
        **taken,
        email_verified=said.get("email_verified") in (True, "true"),
        factors=tuple(one for one in factors if isinstance(one, str))[:MOST_FACTORS]
        if isinstance(factors, list)
        else (),
        at=datetime.fromtimestamp(min(auth_time, time.time()), UTC) if isinstance(auth_time, int) else None,
    )


async def _tokens(runtime: Runtime, provider: IdentityProvider, code: str, verifier: str) -> Mapping[str, Any]:
    """The token endpoint's answer (RFC 6749, section 4.1.3)."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": addresses.redirector(runtime.common.public_url),
        "code_verifier": verifier,
    }
    headers = {"content-type": FORM, "accept": "application/json"}
    secret = credentials.secret_of(parts_of(runtime).vault, provider)
    client_id = provider.client_id or ""
    if provider.client_authentication == "client_secret_basic" and secret:
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form["client_id"] = client_id
        if provider.client_authentication == "client_secret_post" and secret:
            form["client_secret"] = secret
    answer = await _asked(runtime, "POST", endpoints_of(provider).token_url, headers, urlencode(form).encode())
    said = _json(answer)
    if answer.status != 200:  # noqa: PLR2004
        named = said.get("error")
        meta = {"error": named} if isinstance(named, str) and named.isprintable() and len(named) <= 100 else {}  # noqa: PLR2004
        raise Invalid("The identity provider refuses the code.", code="provider-refused", meta=meta)
    return said


async def _checked(
    runtime: Runtime, provider: IdentityProvider, tokens: Mapping[str, Any], nonce: str
) -> dict[str, Any]:
    """The id token's claims, once it was found good (OpenID Connect Core, section 3.1.3.7)."""
    token = tokens.get("id_token")
    if not isinstance(token, str) or len(token) > LARGEST:
        raise _unfit("The identity provider sent no id token.")
    endpoints = endpoints_of(provider)
    try:
        header = jwt_header(token)
    except ValueError as error:
        raise _unfit("The id token is no JWT.") from error
    if header.get("alg") not in endpoints.algorithms:
        raise _unfit("The id token is signed with an algorithm that does not count.")
    key_id = header.get("kid")
    claims = None
    for key in await provider_keys.candidates(runtime, endpoints.keys_url, str(key_id) if key_id else None):
        try:
            claims = jwt.decode(token, key, algorithms=endpoints.algorithms).claims
            break
        except (JoseError, ValueError, TypeError):
            continue
    if claims is None:
        raise _unfit("The id token's signature does not count.")
    _check_claims(provider, claims, nonce)
    _check_access_token(str(header["alg"]), claims, tokens)
    return claims


def _check_claims(provider: IdentityProvider, claims: Mapping[str, Any], nonce: str) -> None:
    audience, present = claims.get("aud"), time.time()
    named = audience if isinstance(audience, list) else [audience]
    subject = claims.get("sub")
    right = {
        "issuer": claims.get("iss") == provider.issuer,
        "audience": provider.client_id in named,
        "authorized party": claims.get("azp", provider.client_id) == provider.client_id
        and (len(named) == 1 or "azp" in claims),
        "time": _number(claims, "exp") > present - LEEWAY
        and present - 3600 < _number(claims, "iat") < present + LEEWAY
        and claims.get("nbf", 0) <= present + LEEWAY,
        "nonce": isinstance(claims.get("nonce"), str) and secrets.compare_digest(str(claims["nonce"]), nonce),
        "subject": isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT,
    }
    if wrong := [name for name, counts in right.items() if not counts]:
        raise _unfit(f"The id token is not for this sign-in: {', '.join(wrong)}.")


def _check_access_token(algorithm: str, claims: Mapping[str, Any], tokens: Mapping[str, Any]) -> None:
    """The access token is the one that the id token was issued with, where it says so (section 3.1.3.6)."""
    said, access = claims.get("at_hash"), tokens.get("access_token")
    if said is None or not isinstance(access, str) or (made := HASHES.get(algorithm[-3:])) is None:
        return
    digest = made(access.encode()).digest()
    if said != _base64(digest[: len(digest) // 2]):
        raise _unfit("The access token is another one's.")


async def _userinfo(
    runtime: Runtime, provider: IdentityProvider, tokens: Mapping[str, Any], claims: Mapping[str, Any]
) -> dict[str, Any]:
    """What the provider says at its userinfo endpoint, where the id token lacks what is wanted (section 5.3)."""
    url, access = endpoints_of(provider).userinfo_url, tokens.get("access_token")
    if url is None or not isinstance(access, str) or "email" in claims:
        return {}
    answer = await _asked(runtime, "GET", url, {"authorization": f"Bearer {access}", "accept": "application/json"})
    said = _json(answer) if answer.status == 200 else {}  # noqa: PLR2004
    if said and said.get("sub") != claims["sub"]:
        raise _unfit("The identity provider speaks of another person.")
    return {name: value for name, value in said.items() if name not in claims}


async def _asked(
    runtime: Runtime, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
) -> outside.Answer:
    try:
        answer = await outside.fetch(runtime, method, url, headers=headers, body=body, most=LARGEST)
    except outside.Unreached as error:
        raise Unavailable("The identity provider gives no answer.", code="provider-unavailable") from error
    if answer.status >= 500:  # noqa: PLR2004
        raise Unavailable("The identity provider is out of order.", code="provider-unavailable")
    return answer


def _json(answer: outside.Answer) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = None
    return said if isinstance(said, dict) and not answer.cut else {}


def _number(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _unfit(detail: str) -> Invalid:
    return Invalid(detail, code="invalid-id-token")


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
