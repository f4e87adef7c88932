"""Keeping how a directory's requests were answered."""

import re
import time
from functools import cache
from typing import Any, cast

import msgspec
import structlog
from kernel import uuid7
from sqlalchemy import text

from identity.scim.places import ENTERED
from identity.scim.protocol import PROVIDER

FAILED = 400
QUOTED = re.compile(r"""(["'])(.*?)\1""", re.DOTALL)
LONGEST_BODY, LONGEST_PATH, LONGEST_PROBLEM = 16_384, 300, 500

ADD = """
    INSERT INTO scim_requests (id, organization_id, actor, method, path, status, scim_type, problem, milliseconds)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
SWEEP = text("DELETE FROM scim_requests WHERE requested_at < now() - interval '30 days'")

log = structlog.get_logger("identity.scim")


def recorded(app: Any) -> Any:
    """Middleware of SCIM's routes: what was answered to whoever spoke for a directory is put on its record."""

    async def record(scope: Any, receive: Any, send: Any) -> None:
        answered: dict[str, Any] = {"status": 500, "body": b""}

        async def respond(message: Any) -> None:
            if message["type"] == "http.response.start":
                answered["status"] = message["status"]
            elif answered["status"] >= FAILED and len(answered["body"]) < LONGEST_BODY:
                answered["body"] += message.get("body", b"")
            await send(message)

        started = time.perf_counter()
        await app(scope, receive, respond)
        if scope.get(ENTERED) is not None:
            await _keep(scope, answered, int((time.perf_counter() - started) * 1000))

    return record


async def _keep(scope: Any, answered: dict[str, Any], took: int) -> None:
    """In a statement of its own: what was refused has been rolled back. A failure is logged and nobody waits for it."""
    scim_type, problem = _problem(answered["body"])
    row = scope["litestar_app"].state.runtime.row
    values = (uuid7(), scope[ENTERED], scope["principal"].subject, scope["method"], scope["path"][:LONGEST_PATH])
    try:
        await row(ADD, *values, answered["status"], scim_type, problem, took)
    except Exception:
        log.exception("request not recorded")


def _problem(body: bytes) -> tuple[str | None, str | None]:
    """What an error says, without what it quotes of the request but for names of attributes: it may name people."""
    try:
        told = msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError:
        return None, None
    content: dict[str, Any] = cast("dict[str, Any]", told) if isinstance(told, dict) else {}
    detail = content.get("detail")
    plain = QUOTED.sub(lambda found: found[0] if _is_attribute(found[2]) else "…", str(detail or ""))
    return content.get("scimType"), plain[:LONGEST_PROBLEM] or None


def _is_attribute(text: str) -> bool:
    """Whether this is a path of attributes that the schemas have."""
    return all(part.lower() in _attributes() for part in text.rpartition(":")[2].split("."))


@cache
def _attributes() -> frozenset[str]:
    every = [one for schema in PROVIDER.schemas for one in schema.attributes or []]
    below = [inner for one in every for inner in one.sub_attributes or []]
    return frozenset(str(one.name).lower() for one in (*every, *below))
