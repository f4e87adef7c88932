"""Writing what came of tries: the delivery's next step, the log, and what it says of the endpoint."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
import structlog
from chassis.runtime import Runtime
from contracts.notifications import WebhookEndpointPaused
from kernel import now
from messaging import publish
from prometheus_client import Counter, Histogram
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.webhook_endpoints.deliveries.claiming import Claimed

WAITS = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0, 21600.0, 28800.0)
"""Seconds before the second, third … try, give or take a quarter; the last one comes within a day of the first."""
LONGEST_HOLD = 3600.0
PAUSE_AFTER = timedelta(hours=24)
PAUSE_FAILURES = 10

tried = Counter("muster_webhooks_tried", "Tries to tell an organization's address of an event", ["outcome"])
seconds = Histogram("muster_webhooks_seconds", "Time until an organization's address answered, or did not")

log = structlog.get_logger("notifications.webhooks")

SETTLE = text("""
WITH told AS (
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS one (
        id uuid, lease_id uuid, status text, next_attempt_at timestamptz, last_status integer, reason text,
        number integer, attempted_at timestamptz, duration_ms integer, answer text)
), settled AS (
    UPDATE webhook_deliveries d
       SET status = told.status, lease_id = NULL, next_attempt_at = told.next_attempt_at,
           last_status = told.last_status, reason = told.reason, updated_at = clock_timestamp(),
           settled_at = CASE WHEN told.status = 'pending' THEN NULL ELSE clock_timestamp() END
      FROM told WHERE d.id = told.id AND d.lease_id = told.lease_id AND d.status = 'pending' RETURNING d.id
), noted AS (
    INSERT INTO webhook_attempts (delivery_id, number, attempted_at, duration_ms, status, reason, answer)
    SELECT id, number, attempted_at, duration_ms, last_status, reason, answer FROM told JOIN settled USING (id)
    ON CONFLICT DO NOTHING
)
SELECT id FROM settled
""")
WELL = text("""
UPDATE webhook_endpoints e SET failures = 0, failing_since = NULL, hold_until = NULL
  FROM (SELECT id FROM webhook_endpoints WHERE id = ANY (:ids) AND failures > 0 ORDER BY id FOR NO KEY UPDATE) well
 WHERE e.id = well.id
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

Settled = Literal["delivered", "pending", "failed"]


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


Results = Sequence[tuple[Claimed, Outcome]]


async def settle(runtime: Runtime, results: Results) -> dict[UUID, Settled]:
    """Write what came of tries, together, and when the next ones are; what became of each delivery, by its id.

    One is missing where another worker holds the delivery by now. What tries say of an endpoint is written after that,
    in the order that keeps two workers from waiting for each other: it may be lost, and the next try says it again.
    """
    if not results:
        return {}
    steps: dict[UUID, tuple[Settled, float]] = {claimed.id: _next(claimed, outcome) for claimed, outcome in results}
    rows = [_row(claimed, outcome, *steps[claimed.id]) for claimed, outcome in results]
    async with runtime.sessions.begin() as session:
        found = await session.scalars(SETTLE, {"rows": msgspec.json.encode(rows).decode()})
        settled: dict[UUID, Settled] = {delivery_id: steps[delivery_id][0] for delivery_id in found}
    for claimed, outcome in results:
        _tell(claimed, outcome, settled.get(claimed.id))
    await _judge(runtime, [one for one in results if one[0].id in settled and not one[0].test])
    return settled


def _row(claimed: Claimed, outcome: Outcome, status: Settled, wait: float) -> dict[str, Any]:
    return {
        "id": claimed.id,
        "lease_id": claimed.lease_id,
        "status": status,
        "next_attempt_at": min(now() + timedelta(seconds=wait), max(claimed.ends_at, now())),
        "last_status": outcome.status,
        "reason": outcome.reason,
        "number": claimed.attempts,
        "attempted_at": outcome.attempted_at,
        "duration_ms": outcome.duration_ms,
        "answer": outcome.answer,
    }


def _next(claimed: Claimed, outcome: Outcome) -> tuple[Settled, float]:
    """What becomes of the delivery, and in how many seconds it is tried again. A test is tried once."""
    if outcome.taken:
        return "delivered", 0.0
    if outcome.gone or claimed.test or claimed.tries > len(WAITS) or now() >= claimed.ends_at:
        return "failed", 0.0
    wait = WAITS[claimed.tries - 1] * random.uniform(0.75, 1.25)  # noqa: S311 jitter, not a secret
    return "pending", max(wait, outcome.retry_after)


def _tell(claimed: Claimed, outcome: Outcome, settled: Settled | None) -> None:
    seconds.observe(outcome.duration_ms / 1000)
    tried.labels(settled or "lost").inc()
    log.info(
        "webhook tried",
        delivery_id=str(claimed.id),
        endpoint_id=str(claimed.endpoint_id),
        event_type=claimed.event_type,
        status=outcome.status,
        reason=outcome.reason,
        attempt=claimed.attempts,
        settled=settled,
    )


async def _judge(runtime: Runtime, results: Results) -> None:
    """Count for or against endpoints."""
    well = sorted({claimed.endpoint_id for claimed, outcome in results if outcome.taken})
    if well:
        async with runtime.sessions.begin() as session:
            await session.execute(WELL, {"ids": well})
    for claimed, outcome in results:
        if not outcome.taken:
            async with runtime.sessions.begin() as session:
                await _count_failure(session, claimed, outcome)


async def _count_failure(session: AsyncSession, claimed: Claimed, outcome: Outcome) -> None:
    """Count against the endpoint; pause one that took nothing for a day, or wants no more."""
    held = min(outcome.retry_after, LONGEST_HOLD)
    hold_until = now() + timedelta(seconds=held) if held else None
    values = {"endpoint_id": claimed.endpoint_id, "hold_until": hold_until}
    row = (await session.execute(BADLY, values)).first()
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
