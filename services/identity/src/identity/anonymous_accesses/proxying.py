"""Performing one operation for who has a link.

The call goes through the gateway as any other, with a token of half a minute that is the user's and good for this one
operation alone: the service behind it refuses it for everything else, so nothing depends on this reading of the path.
"""

from typing import Any
from uuid import UUID

import aiohttp
import msgspec
from chassis.principal import OPERATOR_ROLE
from chassis.runtime import Runtime
from kernel import Forbidden, NotFound, Unavailable, uuid7
from opentelemetry import propagate

from identity import tokens
from identity.anonymous_accesses import endpoints
from identity.anonymous_accesses.commands import short
from identity.anonymous_accesses.schemas import Endpoint, ProxiedAnswer, ProxiedCall
from identity.parts import parts_of
from identity.throttling.budgets import ANONYMOUS_ACCESS, ANONYMOUS_ADDRESS
from identity.throttling.commands import demand
from identity.users.visibility import ADMINISTERS_ALL

SECONDS = 30
DEADLINE = 10.0
LARGEST_ANSWER = 1024 * 1024
PIECE = 64 * 1024

FIND = f"""
    SELECT a.user_id, a.allowed_endpoints, a.created_by, clock_timestamp() AS at,
           (SELECT b.organization_id FROM user_organizations b
             WHERE b.user_id = u.id AND b.organization_id = a.organization_id) AS organization_id,
           a.expires_at > clock_timestamp() AND u.state = 'confirmed' AND c.state = 'confirmed'
           AND (c.id = u.id OR EXISTS (SELECT FROM user_roles s WHERE s.user_id = c.id AND s.organization_id IS NULL
                                          AND s.name = '{OPERATOR_ROLE}')
                OR ({ADMINISTERS_ALL.format(caller="c.id", user="u.id")})) AS counts,
           ARRAY(SELECT r.name FROM user_roles r WHERE r.user_id = u.id AND r.organization_id = a.organization_id
                  UNION SELECT o.role FROM user_organizations o
                         WHERE o.user_id = u.id AND o.organization_id = a.organization_id AND o.role IS NOT NULL
                  ORDER BY 1) AS roles
      FROM anonymous_accesses a JOIN users u ON u.id = a.user_id JOIN users c ON c.id = a.created_by
     WHERE a.id = $1 AND NOT EXISTS (SELECT FROM user_roles s WHERE s.user_id = u.id AND s.organization_id IS NULL)
"""  # noqa: S608
"""A link counts while who made it could make it again: an administrator's ends with their office, and once its user
belongs where they do not administer."""
NOTE = """
    INSERT INTO audit_events (id, actor, action, user_id, organization_id, target, details)
    VALUES ($1, 'anonymous', 'anonymous-access-used', $2, $3, $4, $5)
"""


async def proxy(runtime: Runtime, access_id: UUID, address: str, asked: ProxiedCall) -> ProxiedAnswer:
    """Perform an allowed operation. Raises NotFound, Forbidden, TooManyRequests or Unavailable."""
    await demand(runtime, (ANONYMOUS_ACCESS, str(access_id)), (ANONYMOUS_ADDRESS, address))
    row = await runtime.row(FIND, access_id)
    if row is None:
        raise NotFound
    if not row["counts"]:
        raise Forbidden("The link has expired.", code="access-expired")
    kept: Any = row["allowed_endpoints"]
    kept = msgspec.json.decode(kept) if isinstance(kept, str) else kept
    endpoint = endpoints.allowed(kept, asked.method, asked.endpoint)
    target, details = f"anonymous-accesses:{short(access_id)}", {"endpoint": endpoints.claim(endpoint)}
    told = msgspec.json.encode(details).decode()
    await runtime.row(NOTE, uuid7(), row["user_id"], row["organization_id"], target, told)
    return await _performed(runtime, endpoint, asked, _token(runtime, row, endpoint))


def _token(runtime: Runtime, row: Any, endpoint: Endpoint) -> str:
    subject = tokens.Subject(
        user_id=row["user_id"],
        session_id=None,
        organization_id=row["organization_id"],
        roles=tuple(row["roles"]),
        at=row["at"],
        impersonator=row["created_by"] if row["created_by"] != row["user_id"] else None,
        endpoint=endpoints.claim(endpoint),
    )
    return tokens.access_token(parts_of(runtime), subject, SECONDS)


async def _performed(runtime: Runtime, endpoint: Endpoint, asked: ProxiedCall, token: str) -> ProxiedAnswer:
    base = runtime.settings.gateway_url or runtime.common.public_url
    headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
    propagate.inject(headers)
    body = msgspec.json.encode(asked.json) if asked.json is not None else None
    if body is not None:
        headers["content-type"] = "application/json"
    if runtime.http is None:
        raise Unavailable("The service is starting.")
    url = f"{base.rstrip('/')}{endpoint.path}"
    sent: dict[str, Any] = {"params": _parameters(asked), "headers": headers, "data": body}
    limits: dict[str, Any] = {"timeout": aiohttp.ClientTimeout(total=DEADLINE), "allow_redirects": False}
    try:
        async with runtime.http.request(asked.method.upper(), url, **sent, **limits) as answer:
            raw = await _at_most(answer)
            return ProxiedAnswer(status_code=answer.status, json=_decoded(raw, answer.content_type))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unavailable("The operation does not answer now; try again.") from error


def _parameters(asked: ProxiedCall) -> list[tuple[str, str]]:
    """The query parameters: lists are repeated, truth is `true` or `false`."""
    found: list[tuple[str, str]] = []
    for name, value in (asked.params or {}).items():
        values = value if isinstance(value, list) else [value]
        found += [(name, str(one).lower() if isinstance(one, bool) else str(one)) for one in values]
    return found


async def _at_most(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for piece in answer.content.iter_chunked(PIECE):
        content += piece
        if len(content) > LARGEST_ANSWER:
            raise Unavailable("The operation answers more than goes through a link.")
    return bytes(content)


def _decoded(raw: bytes, kind: str) -> Any:
    """What was answered, if it is JSON."""
    try:
        return msgspec.json.decode(raw) if raw and "json" in kind else None
    except msgspec.DecodeError:
        return None
