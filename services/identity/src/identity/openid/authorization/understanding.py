"""Whether an authorization request is good, and what it asks for (OpenID Connect Core, section 3.1.2.2)."""

from typing import Any, NamedTuple

import msgspec
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from identity.openid.asking import Asked, plain_word
from identity.openid.clients import Client
from identity.openid.interactions.requests import Claims, Request
from identity.openid.provider import Provider
from identity.openid.scopes import OPENID
from identity.signing_keys.keyring import ALGORITHM
from identity.tokens import IDENTITY

PROMPTS = {"none", "login", "consent", "select_account"}
LIMITS = {"state": 2048, "nonce": 512, "login_hint": 255, "claims": 8192, "id_token_hint": 8192, "acr_values": 255}
UNSUPPORTED = {"request": "request_not_supported", "registration": "registration_not_supported"}
MOST_CLAIMS = 50
OLDEST = 10 * 365 * 86_400


class Understood(NamedTuple):
    """A client and what it asks for."""

    client: Client
    request: Request


class ClaimsParameter(msgspec.Struct):
    """The claims parameter (OpenID Connect Core, section 5.5)."""

    id_token: Claims | None = None
    userinfo: Claims | None = None


def understand(provider: Provider, asked: Asked) -> Understood:
    """What a request asks for. Raises OAuth2Error; its `redirect_uri` is set where the client may be told."""
    if not plain_word(asked.payload.response_type or ""):
        raise InvalidRequestError("The response_type cannot be read.")
    grant: Any = provider.get_consent_grant(asked)
    try:
        return Understood(grant.client, _request(provider, grant, asked))
    except OAuth2Error as error:
        error.redirect_uri, error.state = grant.redirect_uri, asked.payload.state
        raise


def _request(provider: Provider, grant: Any, asked: Asked) -> Request:
    data = asked.payload.data
    _check(asked)
    claims = _claims(data.get("claims"))
    demanded = _demanded(claims, "acr")
    return Request(
        redirect_uri=grant.redirect_uri,
        redirect_uri_given="redirect_uri" in data,
        state=data.get("state"),
        scopes=asked.scope.split(),
        nonce=data.get("nonce"),
        code_challenge=data.get("code_challenge"),
        prompt=_prompt(data.get("prompt")),
        max_age=_max_age(data.get("max_age")),
        login_hint=data.get("login_hint"),
        ui_locales=data.get("ui_locales", "").split()[:10],
        acr_values=data.get("acr_values", "").split(),
        acr_demanded=demanded,
        subject=_subject(provider, grant.client, data.get("id_token_hint"), claims),
        id_token_claims=claims.id_token or {},
        userinfo_claims=claims.userinfo or {},
    )


def _check(asked: Asked) -> None:
    """Raise OAuth2Error for what is not supported, comes twice or is too long."""
    data = asked.payload.data
    for name, error in UNSUPPORTED.items():
        if name in data:
            raise OAuth2Error(f"The parameter {name} is not supported.", error=error)
    if "request_uri" in data:
        raise OAuth2Error("Only a request_uri that was given out here counts.", error="invalid_request_uri")
    if data.get("response_mode", "query") != "query":
        raise InvalidRequestError("Only response_mode=query is supported.")
    if any(len(data.get(name, "")) > limit for name, limit in LIMITS.items()):
        raise InvalidRequestError("A parameter is too long.")
    if asked.payload.repeated:
        raise InvalidRequestError("A parameter came more than once.")
    if any("\x00" in value for value in data.values()):
        raise InvalidRequestError("A parameter cannot be read.")


def _prompt(value: str | None) -> list[Any]:
    prompts = (value or "").split()
    if not set(prompts) <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise InvalidRequestError("The prompt is none of none, login, consent and select_account.")
    return prompts


def _max_age(value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and int(value[:12]) <= OLDEST):
        raise InvalidRequestError("max_age is a number of seconds.")
    return int(value)


def _claims(value: str | None) -> ClaimsParameter:
    if value is None:
        return ClaimsParameter()
    try:
        found = msgspec.json.decode(value, type=ClaimsParameter)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidRequestError("The claims parameter is not an object of objects.") from None
    if len(found.id_token or {}) + len(found.userinfo or {}) > MOST_CLAIMS:
        raise InvalidRequestError("The claims parameter asks for too many claims.")
    return found


def _demanded(claims: ClaimsParameter, name: str) -> list[str]:
    """The values of a claim of which one has to be reached."""
    wanted = (claims.id_token or {}).get(name) or {}
    if wanted.get("essential") is not True:
        return []
    values = wanted.get("values") or [wanted.get("value")]
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _subject(provider: Provider, client: Client, hint: str | None, claims: ClaimsParameter) -> str | None:
    """Whom the client takes the person for."""
    wanted = ((claims.id_token or {}).get("sub") or {}).get("value")
    if hint is not None:
        told = hinted(provider, hint)
        if told.get("aud") != client.client_id:
            raise InvalidRequestError("The id_token_hint was issued to another client.")
        wanted = told["sub"]
    return wanted if isinstance(wanted, str) else None


def hinted(provider: Provider, hint: str) -> dict[str, Any]:
    """What an id token of ours says, expired or not. Raises InvalidRequestError for anything else."""
    try:
        keys = KeySet.import_key_set(provider.parts.keys.published)  # pyright: ignore[reportArgumentType]
        decoded = jwt.decode(hint, keys, algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        raise InvalidRequestError("The id_token_hint is not an id token that was issued here.") from None
    claims = decoded.claims
    if decoded.header.get("typ") != IDENTITY or claims.get("iss") != provider.issuer or "sub" not in claims:
        raise InvalidRequestError("The id_token_hint is not an id token that was issued here.")
    return dict(claims)


def is_openid(request: Request) -> bool:
    """Whether an id token is asked for."""
    return OPENID in request.scopes
