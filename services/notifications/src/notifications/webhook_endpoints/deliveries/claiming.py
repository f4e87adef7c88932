"""Taking deliveries that are due, and writing what became of them."""

import random
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from contracts.notifications import WebhookEndpointPaused
from kernel import now, uuid7
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

LEASE = timedelta(seconds=60)
TRIED_FOR = timedelta(hours=24)
WAITS = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0, 21600.0, 28800.0)
"""Seconds before the second, third … try, give or take a quarter: the last comes within a day of the first."""
MOST_AT_ONE = 4
"""Tries under way to one endpoint; one that failed three times in a row gets one at a time."""
FAILING_AFTER = 3
LONGEST_HOLD = 3600.0
PAUSE_AFTER = timedelta(hours=24)
PAUSE_FAILURES = 10

CLAIM = text("""
WITH RECURSIVE waiting AS (
    (SELECT endpoint_id FROM webhook_deliveries WHERE status = 'pending' AND NOT test ORDER BY endpoint_id LIMIT 1)
    UNION ALL
    SELECT (SELECT d.endpoint_id FROM webhook_deliveries d
             WHERE d.status = 'pending' AND NOT d.test AND d.endpoint_id > w.endpoint_id
             ORDER BY d.endpoint_id LIMIT 1)
      FROM waiting w WHERE w.endpoint_id IS NOT NULL
), due AS (
    SELECT found.id FROM waiting w JOIN webhook_endpoints e ON e.id = w.endpoint_id
     CROSS JOIN LATERAL (
        SELECT d.id, d.next_attempt_at FROM webhook_deliveries d
         WHERE d.endpoint_id = e.id AND d.status = 'pending' AND NOT d.test AND d.next_attempt_at <= now()
         ORDER BY d.next_attempt_at
         LIMIT CASE WHEN e.status <> 'active' OR e.hold_until > now() THEN 0 ELSE greatest(0,
            CASE WHEN e.failures >= :failing THEN 1 ELSE :each END
            - (SELECT count(*) FROM webhook_deliveries b
                WHERE b.endpoint_id = e.id AND b.lease_id IS NOT NULL AND b.next_attempt_at > now())) END
         FOR UPDATE SKIP LOCKED) found
     ORDER BY found.next_attempt_at LIMIT :most
), tests AS (
    SELECT id FROM webhook_deliveries WHERE status = 'pending' AND test AND next_attempt_at <= now()
     ORDER BY next_attempt_at LIMIT :each FOR UPDATE SKIP LOCKED
)
UPDATE webhook_deliveries d
   SET lease_id = :lease, next_attempt_at = clock_timestamp() + :duration, attempts = attempts + 1, tries = tries + 1,
       ends_at = coalesce(ends_at, clock_timestamp() + :tried_for)
  FROM webhook_endpoints e
 WHERE d.id IN (SELECT id FROM due UNION ALL SELECT id FROM tests) AND e.id = d.endpoint_id
RETURNING d.id, d.endpoint_id, d.organization_id, d.event_id, d.event_type, d.payload, d.test, d.attempts, d.tries,
          d.ends_at, d.lease_id, e.url, e.secret,
          CASE WHEN e.old_secret_until > now() THEN e.old_secret END AS old_secret
""")

SETTLE = text("""
UPDATE webhook_deliveries
   SET status = :status, lease_id = NULL, next_attempt_at = :next_attempt_at, last_status = :last_status,
       reason = :reason, settled_at = CASE WHEN :status = 'pending' THEN NULL ELSE clock_timestamp() END,
       updated_at = clock_timestamp()
 WHERE id = :id AND lease_id = :lease_id AND status = 'pending' RETURNING id
""")
NOTE = text("""
INSERT INTO webhook_attempts (delivery_id, number, attempted_at, duration_ms, status, reason, answer)
VALUES (:id, :number, :attempted_at, :duration_ms, :last_status, :reason, :answer) ON CONFLICT DO NOTHING
""")
WELL = text("""
UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, hold_until = NULL
 WHERE id = :endpoint_id AND failures > 0
""")
BADLY = text("""
UPDATE webhook_endpoints
   SET failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()),
       hold_until = greatest(hold_until, CAST(:hold_until AS timestamptz))
 WHERE id = :endpoint_id RETURNING failures, failing_since
""")
PAUSE = text("""
UPDATE webhook_endpoints
   SET status = 'paused', paused_reason = :reason, paused_at = clock_timestamp(), notice_due = true
 WHERE id = :endpoint_id AND status = 'active' RETURNING organization_id
""")


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that this worker holds until its lease ends, and all that it takes to try it."""

    id: UUID
    endpoint_id: UUID
    organization_id: UUID
    event_id: UUID
    event_type: str
    payload: str
    test: bool
    attempts: int
    tries: int
    ends_at: datetime
    lease_id: UUID
    url: str
    secret: bytes
    old_secret: bytes | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one try. Without `status` there was no answer, and `reason` says why; `answer` is its beginning.

    `retry_after`, in seconds, is what the receiver asked for.
    """

    attempted_at: datetime
    duration_ms: int
    status: int | None = None
    reason: str | None = None
    answer: str = ""
    retry_after: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether the receiver has the event now: any 2xx."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more, ever: 410."""
        return self.status == 410  # noqa: PLR2004


Settled = Literal["delivered", "pending", "failed"]


async def claim(session: AsyncSession, most: int) -> list[Claimed]:
    """Take up to `most` deliveries that are due, few of each endpoint, and tests. A dead worker's come again."""
    values = {
        "lease": uuid7(),
        "duration": LEASE,
        "tried_for": TRIED_FOR,
        "most": most,
        "each": MOST_AT_ONE,
        "failing": FAILING_AFTER,
    }
    return [Claimed(**row) for row in (await session.execute(CLAIM, values)).mappings()]


async def settle(session: AsyncSession, claimed: Claimed, outcome: Outcome) -> Settled | None:
    """Write what came of a try, and when the next one is; None where another worker holds the delivery by now."""
    status, wait = _next(claimed, outcome)
    values: dict[str, Any] = {
        "id": claimed.id,
        "lease_id": claimed.lease_id,
        "status": status,
        "next_attempt_at": min(now() + timedelta(seconds=wait), max(claimed.ends_at, now())),
        "last_status": outcome.status,
        "reason": outcome.reason,
    }
    if (await session.execute(SETTLE, values)).first() is None:
        return None
    attempt = {
        "id": claimed.id,
        "number": claimed.attempts,
        "attempted_at": outcome.attempted_at,
        "duration_ms": outcome.duration_ms,
        "last_status": outcome.status,
        "reason": outcome.reason,
        "answer": outcome.answer,
    }
    await session.execute(NOTE, attempt)
    if not claimed.test:
        await _judge_endpoint(session, claimed, outcome)
    return status


def _next(claimed: Claimed, outcome: Outcome) -> tuple[Settled, float]:
    """What becomes of the delivery, and in how many seconds it is tried again. A test is tried once."""
    if outcome.taken:
        return "delivered", 0.0
    if outcome.gone or claimed.test or claimed.tries > len(WAITS) or now() >= claimed.ends_at:
        return "failed", 0.0
    wait = WAITS[claimed.tries - 1] * random.uniform(0.75, 1.25)  # noqa: S311 jitter, not a secret
    return "pending", max(wait, outcome.retry_after)


async def _judge_endpoint(session: AsyncSession, claimed: Claimed, outcome: Outcome) -> None:
    """Count for or against the endpoint; pause one that took nothing for a day, or wants no more."""
    endpoint = {"endpoint_id": claimed.endpoint_id}
    if outcome.taken:
        await session.execute(WELL, endpoint)
        return
    held = min(outcome.retry_after, LONGEST_HOLD)
    hold_until = now() + timedelta(seconds=held) if held else None
    row = (await session.execute(BADLY, {**endpoint, "hold_until": hold_until})).first()
    if row is None:
        return
    if outcome.gone:
        await _pause(session, claimed, "gone")
    elif row.failures >= PAUSE_FAILURES and row.failing_since <= now() - PAUSE_AFTER:
        await _pause(session, claimed, "failing")


async def _pause(session: AsyncSession, claimed: Claimed, reason: Literal["failing", "gone"]) -> None:
    paused = await session.execute(PAUSE, {"endpoint_id": claimed.endpoint_id, "reason": reason})
    if (row := paused.first()) is not None:
        event = WebhookEndpointPaused(
            webhook_endpoint_id=claimed.endpoint_id, organization_id=row.organization_id, reason=reason
        )
        await publish(session, event)
