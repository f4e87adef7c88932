"""Projected tokens of Kubernetes service accounts (TokenRequest, bound to an audience and a pod).

They are JWTs that the cluster's issuer signs; its keys come from its JWKS (RFC 7517; `/openid/v1/jwks` of the API
server), which the cluster may want a token for and serves with a certificate of its own. Which service a namespace's
account stands for is a list in the settings: an account that is not in it is nobody.
"""

import asyncio
import ssl
import time
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import structlog
from chassis.runtime import Runtime
from chassis.tokens import LEEWAY, jwt_header
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from kernel import SettingsError, Unauthorized, Unavailable

from identity.settings import Settings

ALGORITHMS = ["RS256", "ES256"]
SUBJECT = "system:serviceaccount:"
LONGEST_TOKEN = 8192
LONGEST_LIFE = 25 * 3600
FRESH_SECONDS = 300.0
AGAIN_AFTER = 5.0
DEADLINE = 3.0
NAME = "kubernetes-keys"

log = structlog.get_logger("identity.kubernetes")


class ClusterKeys:
    """The issuer's keys as this process knows them; fetched again for one that is unknown, and once in a while."""

    def __init__(self) -> None:
        self.keys: KeySet | None = None
        self.known: frozenset[str] = frozenset()
        self.fetched = float("-inf")
        self.lock = asyncio.Lock()


async def service_of(runtime: Runtime, token: str) -> str:
    """The service whose account a token is of. Raises Unauthorized, or Unavailable while the keys are out of reach."""
    settings: Settings = runtime.settings
    if not settings.kubernetes_issuer:
        raise _refused("no issuer is set")
    if len(token) > LONGEST_TOKEN:
        raise _refused("too long")
    claims = await _claims(runtime, settings, token)
    account = _account(claims, settings)
    name = allowed_accounts(settings.kubernetes_services).get(account)
    if name is None:
        raise _refused(f"{account} is not in the list")
    return name


@cache
def allowed_accounts(text: str) -> dict[str, str]:
    """Service by `namespace:account`. Raises SettingsError when the setting is malformed."""
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError as error:
        raise SettingsError(f"MUSTER_KUBERNETES_SERVICES is malformed: {error}") from error


async def _claims(runtime: Runtime, settings: Settings, token: str) -> dict[str, Any]:
    try:
        key_id = str(jwt_header(token).get("kid"))
    except ValueError as error:
        raise _refused("not a JWT") from error
    keys = await _keys(runtime, settings, key_id)
    try:
        return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError) as error:
        raise _refused(f"signature: {type(error).__name__}") from error


def _account(claims: dict[str, Any], settings: Settings) -> str:
    """`namespace:name` of a token's account, if the token is for us and counts now. Raises Unauthorized."""
    audience, present = claims.get("aud"), time.time()
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != settings.kubernetes_issuer or settings.kubernetes_audience not in audiences:
        raise _refused("another issuer or audience")
    times = [claims.get(name) for name in ("exp", "iat")] + [claims.get("nbf", 0)]
    if not all(isinstance(moment, int | float) for moment in times):
        raise _refused("times are missing")
    expires, issued, begins = (float(moment) for moment in times)  # pyright: ignore[reportArgumentType] numbers, see above
    if not present - LEEWAY < expires <= issued + LONGEST_LIFE or max(issued, begins) > present + LEEWAY:
        raise _refused("not now, or for too long")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.startswith(SUBJECT):
        raise _refused("not a service account's")
    bound = claims.get("kubernetes.io")
    if not isinstance(bound, dict) or "pod" not in bound:
        raise _refused("not bound to a pod")
    return subject.removeprefix(SUBJECT)


async def _keys(runtime: Runtime, settings: Settings, key_id: str) -> KeySet:
    held: ClusterKeys = runtime.extras.setdefault(NAME, ClusterKeys())
    async with held.lock:
        age = time.monotonic() - held.fetched
        if age > FRESH_SECONDS or (key_id not in held.known and age > AGAIN_AFTER):
            await _fetch(runtime, settings, held)
    if held.keys is None:
        raise Unavailable("The cluster's keys are out of reach.")
    return held.keys


async def _fetch(runtime: Runtime, settings: Settings, held: ClusterKeys) -> None:
    """Take in the issuer's keys; what is known stays while it does not answer."""
    url = settings.kubernetes_jwks_url or f"{settings.kubernetes_issuer.rstrip('/')}/openid/v1/jwks"
    held.fetched = time.monotonic()
    if runtime.http is None:
        raise Unavailable("The service is starting.")
    try:
        context: Any = _context(settings.kubernetes_ca) if settings.kubernetes_ca else True
        async with (
            asyncio.timeout(DEADLINE),
            runtime.http.get(url, headers=_headers(settings), ssl=context, allow_redirects=False) as answer,
        ):
            answer.raise_for_status()
            found = msgspec.json.decode(await answer.read())
            held.keys = KeySet.import_key_set(found)
            held.known = frozenset(str(key.get("kid")) for key in found["keys"])
    except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError, JoseError, ValueError, KeyError) as error:
        log.warning("cluster keys not fetched", error=type(error).__name__)


def _headers(settings: Settings) -> dict[str, str]:
    """The kubelet replaces the file while the process runs, so it is read each time."""
    if not settings.kubernetes_token_path:
        return {}
    return {"authorization": f"Bearer {Path(settings.kubernetes_token_path).read_text().strip()}"}


@cache
def _context(authority: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority)


def _refused(reason: str) -> Unauthorized:
    """One answer for whatever is wrong; the reason is for the operator's log."""
    log.info("service account token refused", reason=reason)
    return Unauthorized("The token does not count.", code="invalid-service")
