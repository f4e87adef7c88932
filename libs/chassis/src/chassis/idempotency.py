"""Idempotency keys: the same key and body within a day get the first answer again.

A key is claimed in a transaction of its own, so that a second request sees it at once; the answer is kept in the
transaction of the write itself, so that the effect and the memory of it are one. A claim whose process died before
that is taken over when its lease has run out: nothing was committed under it.
"""

import hashlib
from typing import Any

import msgspec
from kernel import Conflict, Invalid, Unprocessable
from litestar import Request, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.principal import Principal
from chassis.runtime import Runtime

HEADER = "idempotency-key"
LONGEST = 255
LEASE = "60 seconds"
KEPT = "24 hours"

CLAIM = text(f"""
    INSERT INTO idempotency_keys (caller, operation, key, fingerprint)
    VALUES (:caller, :operation, :key, :fingerprint)
    ON CONFLICT (caller, operation, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, claimed_at = now(), status = NULL, answer = NULL
     WHERE idempotency_keys.claimed_at < now() - interval '{KEPT}'
        OR (idempotency_keys.status IS NULL AND idempotency_keys.claimed_at < now() - interval '{LEASE}')
    RETURNING claimed_at
""")  # noqa: S608
READ = text("""
    SELECT fingerprint, status, answer FROM idempotency_keys
     WHERE caller = :caller AND operation = :operation AND key = :key
""")
KEEP = text("""
    UPDATE idempotency_keys SET status = :status, answer = :answer
     WHERE caller = :caller AND operation = :operation AND key = :key
""")
RELEASE = text("""
    DELETE FROM idempotency_keys
     WHERE caller = :caller AND operation = :operation AND key = :key AND status IS NULL
""")
SWEEP = text(f"DELETE FROM idempotency_keys WHERE claimed_at < now() - interval '{KEPT}'")  # noqa: S608


class Replay(Exception):
    """The request was answered before; this is what it was told."""

    def __init__(self, status: int, answer: bytes | None) -> None:
        super().__init__("answered before")
        self.status = status
        self.answer = answer


class Claim(msgspec.Struct, frozen=True):
    """A key that this request holds."""

    caller: str
    operation: str
    key: str
    fingerprint: bytes

    @property
    def identity(self) -> dict[str, str]:
        """What finds the key's row."""
        return {"caller": self.caller, "operation": self.operation, "key": self.key}


async def claim(runtime: Runtime, request: Request[Any, Any, Any], principal: Principal | None) -> Claim | None:
    """Claim the request's key, if it has one. Raises Replay, Conflict (in progress) or Unprocessable (other body)."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not key or len(key) > LONGEST:
        raise Invalid(f"A key has 1 to {LONGEST} characters.", parameter="Idempotency-Key")
    body = await request.body()
    claimed = Claim(
        caller=principal.subject if principal else "public",
        operation=f"{request.method} {request.scope['path']}",
        key=key,
        fingerprint=hashlib.sha256(request.scope["query_string"] + b"\n" + body).digest(),
    )
    async with runtime.sessions.begin() as session:
        values = {**claimed.identity, "fingerprint": claimed.fingerprint}
        if (await session.execute(CLAIM, values)).first() is not None:
            return claimed
        known = (await session.execute(READ, claimed.identity)).first()
    raise _refusal(known, claimed)


def _refusal(known: Any, claimed: Claim) -> Exception:
    if known is None:
        return Conflict("A request with this key has just ended; try again.", code="idempotency-in-progress")
    if known.fingerprint != claimed.fingerprint:
        return Unprocessable("The key was used with another body.", code="idempotency-key-reused")
    if known.status is None:
        return Conflict("A request with this key is in progress.", code="idempotency-in-progress")
    if known.answer is None and known.status not in (204, 205):
        return Conflict("This was done; its answer held a secret and was not kept.", code="idempotency-answer-secret")
    return Replay(known.status, known.answer)


async def keep(session: AsyncSession, claimed: Claim, request: Request[Any, Any, Any], result: Any) -> None:
    """Keep the answer in the transaction of the write."""
    handler: Any = request.route_handler
    status = handler.status_code
    if isinstance(result, Response):
        status, result = result.status_code or status, result.content
    secret = handler.opt.get("secret_answer")
    content = None if secret or result is None else result if isinstance(result, bytes) else msgspec.json.encode(result)
    if result is None and not secret and status not in (204, 205):
        content = b""
    values = {**claimed.identity, "status": status, "answer": content}
    await session.execute(KEEP, values)


async def release(runtime: Runtime, claimed: Claim) -> None:
    """Give the key up: nothing was done under it."""
    async with runtime.sessions.begin() as session:
        await session.execute(RELEASE, claimed.identity)


async def sweep(runtime: Runtime) -> None:
    """Forget keys that are older than a day."""
    async with runtime.sessions.begin() as session:
        await session.execute(SWEEP)
