"""Calls between services: short deadlines, one retry where nothing was sent, the trace carried on."""

import asyncio
import hashlib
import time
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import structlog
from kernel import NotFound, Unauthorized, Unavailable
from opentelemetry import propagate

from chassis.principal import Principal
from chassis.runtime import Runtime

DEADLINE = 0.25
SLOW_DEADLINE = 2.0
RENEW_BEFORE = 60.0

log = structlog.get_logger("chassis.clients")


def http_client() -> aiohttp.ClientSession:
    """The connections of a process to other services."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=100, keepalive_timeout=30),
        timeout=aiohttp.ClientTimeout(total=SLOW_DEADLINE, connect=0.5),
        json_serialize=lambda value: msgspec.json.encode(value).decode(),
        auto_decompress=True,
    )


async def call(
    runtime: Runtime,
    method: str,
    url: str,
    *,
    token: str | None,
    body: Any = None,
    deadline: float = DEADLINE,
    api_key: str | None = None,
) -> tuple[int, Any, dict[str, str]]:
    """One call: its status, its decoded answer and its headers. Raises Unavailable when there is no answer in time."""
    headers: dict[str, str] = {"content-type": "application/json"}
    propagate.inject(headers)
    if token:
        headers["authorization"] = f"Bearer {token}"
    if api_key:
        headers["x-api-key"] = api_key
    data = None if body is None else msgspec.json.encode(body)
    for attempt in (1, 2):
        try:
            return await _send(runtime, method, url, headers, data, deadline)
        except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError) as error:
            if attempt == 2 or (method != "GET" and isinstance(error, aiohttp.ServerDisconnectedError)):  # noqa: PLR2004
                raise Unavailable("A part of the platform is out of reach; try again.") from error
        except (TimeoutError, aiohttp.ClientError) as error:
            log.warning("call failed", url=url.partition("?")[0], error=type(error).__name__)
            raise Unavailable("A part of the platform is out of reach; try again.") from error
    raise Unavailable("A part of the platform is out of reach; try again.")


async def _send(
    runtime: Runtime, method: str, url: str, headers: dict[str, str], data: bytes | None, deadline: float
) -> tuple[int, Any, dict[str, str]]:
    if runtime.http is None:
        raise Unavailable("The service is starting.")
    async with (
        asyncio.timeout(deadline),
        runtime.http.request(method, url, headers=headers, data=data, allow_redirects=False) as answer,
    ):
        raw = await answer.read()
        decoded = msgspec.json.decode(raw) if raw and "json" in answer.content_type else None
        return answer.status, decoded, dict(answer.headers)


class InternalTokens:
    """The token of this service itself, renewed before it expires."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._token = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """A token that still lives for a minute. Raises Unavailable when identity gives none."""
        async with self._lock:
            if time.monotonic() > self._until:
                await self._renew()
        return self._token

    async def _renew(self) -> None:
        path = self._runtime.common.service_token_path
        version, body = ("v2", _projected(path)) if path else ("v1", self._known())
        url = f"{self._runtime.common.identity_url}/{version}/internal-auth"
        status, answer, _ = await call(self._runtime, "POST", url, token=None, body=body, deadline=SLOW_DEADLINE)
        if status != 201:  # noqa: PLR2004
            raise Unavailable(f"identity does not know this service (status {status}).")
        answer = answer["data"]["attributes"] if path else answer
        self._token = answer["access-token"]
        self._until = time.monotonic() + answer["expires-in"] - RENEW_BEFORE

    def _known(self) -> dict[str, str]:
        """What shows that this is the service whose secret identity knows the SHA-512 of."""
        secret = self._runtime.common.service_secret
        digest = hashlib.sha512(secret.encode()).hexdigest()
        return {"namespace": "muster", "sa-name": self._runtime.name, "sa-token-sha512": digest}


def _projected(path: str) -> dict[str, Any]:
    """The pod's own token, which the kubelet replaces while the process runs. Raises Unavailable without one."""
    try:
        token = Path(path).read_text().strip()
    except OSError as error:
        raise Unavailable("The pod's token cannot be read.") from error
    return {"data": {"type": "internal-auths", "attributes": {"token": token}}}


async def get_as_service(runtime: Runtime, url: str) -> Any:
    """Read from another service in this service's own name. Raises NotFound or Unavailable."""
    token = await runtime.internal_tokens.get()
    status, answer, _ = await call(runtime, "GET", url, token=token, deadline=SLOW_DEADLINE)
    if status == 404:  # noqa: PLR2004
        raise NotFound
    if status != 200:  # noqa: PLR2004
        raise Unavailable(f"{url.split('?', maxsplit=1)[0]} answered {status}.")
    return answer


async def ask_identity(runtime: Runtime, principal: Principal) -> None:
    """Whether a token still counts, by identity's own rows. Raises Unauthorized, or Unavailable without an answer."""
    url = f"{runtime.common.identity_url}/v1/authenticate"
    status, _, _ = await call(runtime, "POST", url, token=principal.token, body={}, deadline=SLOW_DEADLINE)
    if status == 401:  # noqa: PLR2004
        raise Unauthorized("The session has ended.", code="session-ended")
    if status != 201:  # noqa: PLR2004
        raise Unavailable("Whether the session still counts cannot be told now.")


async def allowed(runtime: Runtime, principal: Principal, *queries: str) -> bool:
    """Whether authz allows the principal's user all of `type:id:operation`.

    A narrowed credential cannot ask by itself, so this service does; it may be asked about its own organization alone.
    Raises Unavailable without an answer, and Unauthorized when authz already knows that the token has ended.
    """
    if principal.user_id is None or any(_beyond(principal, query) for query in queries):
        return False
    token = principal.token if principal.bound_to is None else await runtime.internal_tokens.get()
    url = f"{runtime.common.authz_url}/v1/authz-resource-access"
    body = {"user-id": str(principal.user_id), "access-query": list(queries)}
    status, answer, _ = await call(runtime, "POST", url, token=token, body=body)
    if status == 401:  # noqa: PLR2004
        raise Unauthorized("The session has ended.", code="session-ended")
    if status != 201:  # noqa: PLR2004
        log.warning("authz did not decide", status=status)
        raise Unavailable("Whether this is allowed cannot be told now.")
    return bool(answer["allow"])


def _beyond(principal: Principal, query: str) -> bool:
    """Whether a query is about something else than the organization that a narrowed credential is bound to."""
    bound, (kind, _, rest) = principal.bound_to, query.partition(":")
    return bound is not None and (kind, rest.partition(":")[0].lower()) != ("organization", str(bound))
