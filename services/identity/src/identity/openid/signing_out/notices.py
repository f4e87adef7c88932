"""Clients hear that a session has ended, from server to server (OpenID Connect Back-Channel Logout 1.0).

Which sessions have ended follows from the rows, whatever ended them: somebody signed out, an administrator, a changed
password. What is owed stands in a table until it was delivered, or a day has passed.
"""

import asyncio
import time
from typing import Any
from urllib.parse import urlencode

import structlog
from chassis import outside
from chassis.outside import Unreached
from chassis.runtime import Runtime
from kernel import DomainError
from prometheus_client import Counter
from sqlalchemy import text

from identity import tokens
from identity.parts import parts_of

LOOK_EVERY, LOOK_AT_ALL_EVERY = 1.0, 15.0
AT_ONCE = 20
LARGEST_ANSWER = 4096
DONE = ("delivered", "no-address")
HEADERS = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}

GATHER = """
    WITH ended AS (
        UPDATE sessions s SET client_to_tell = false FROM users u
         WHERE s.user_id = u.id AND s.client_to_tell AND {}
        RETURNING s.id, s.client_id, s.user_id)
    INSERT INTO oauth2_logouts (session_id, client_id, user_id) SELECT id, client_id, user_id FROM ended
    ON CONFLICT DO NOTHING
"""
ENDED = text(GATHER.format("s.ended_at IS NOT NULL"))
OUTDATED = text(GATHER.format("(u.state <> 'confirmed' OR s.created_at <= u.sessions_ended_at)"))
TAKE = text(f"""
    UPDATE oauth2_logouts l
       SET attempts = l.attempts + 1,
           next_attempt_at = clock_timestamp() + least(interval '1 hour', interval '10 seconds' * 2 ^ l.attempts)
      FROM oauth2_clients c
     WHERE c.id = l.client_id AND l.session_id IN (
           SELECT session_id FROM oauth2_logouts
            WHERE ended_at IS NULL AND next_attempt_at <= clock_timestamp()
            ORDER BY next_attempt_at LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED)
    RETURNING l.session_id, l.user_id, c.client_id, c.backchannel_logout_uri, clock_timestamp() AS at,
              l.created_at < clock_timestamp() - interval '1 day' AS late
""")  # noqa: S608
SETTLE = text("""
    UPDATE oauth2_logouts
       SET outcome = :outcome, ended_at = CASE WHEN CAST(:ended AS boolean) THEN clock_timestamp() END
     WHERE session_id = :session_id
""")
SWEEP = text("DELETE FROM oauth2_logouts WHERE ended_at < now() - interval '7 days'")

told = Counter("muster_identity_logout_notices", "News of ended sessions, by what came of each", ["outcome"])
log = structlog.get_logger("identity.logouts")


async def tell_forever(runtime: Runtime) -> None:
    """In the worker: tell clients of sessions that have ended."""
    looked = float("-inf")
    while True:
        everything = time.monotonic() - looked > LOOK_AT_ALL_EVERY
        looked = time.monotonic() if everything else looked
        if not await tell(runtime, everything=everything):
            await asyncio.sleep(LOOK_EVERY)


async def tell(runtime: Runtime, *, everything: bool = True) -> int:
    """Gather what is owed and deliver what is due; how many were tried. A try that is lost is made again later."""
    async with runtime.sessions.begin() as session:
        await session.execute(ENDED)
        if everything:
            await session.execute(OUTDATED)
    async with runtime.sessions.begin() as session:
        due = (await session.execute(TAKE)).all()
    outcomes = await asyncio.gather(*(_deliver(runtime, row) for row in due))
    if due:
        settled = [_settled(row, outcome) for row, outcome in zip(due, outcomes, strict=True)]
        async with runtime.sessions.begin() as session:
            await session.execute(SETTLE, settled)
    return len(due)


async def _deliver(runtime: Runtime, row: Any) -> str:
    outcome = "no-address" if row.backchannel_logout_uri is None else await _post(runtime, row)
    told.labels(outcome).inc()
    if outcome not in DONE:
        log.warning("a client was not told of a logout", client=row.client_id, outcome=outcome)
    return outcome


def _settled(row: Any, outcome: str) -> dict[str, Any]:
    return {"session_id": row.session_id, "outcome": outcome, "ended": row.late or outcome in DONE}


async def _post(runtime: Runtime, row: Any) -> str:
    token = tokens.logout_token(parts_of(runtime), row.client_id, row.user_id, row.session_id, row.at)
    body = urlencode({"logout_token": token}).encode()
    try:
        answer = await outside.fetch(
            runtime, "POST", row.backchannel_logout_uri, headers=HEADERS, body=body, most=LARGEST_ANSWER
        )
    except Unreached as error:
        return error.reason
    except DomainError as error:
        return error.code
    return "delivered" if 200 <= answer.status < 300 else f"status-{answer.status}"  # noqa: PLR2004
