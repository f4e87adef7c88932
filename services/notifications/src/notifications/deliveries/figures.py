"""What can be seen of deliveries from outside."""

import asyncio
from datetime import datetime

from chassis.runtime import Runtime
from kernel import now
from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import text

from notifications.templates.platform_texts import TYPES

LOOK_EVERY = 5.0
OTHER = "other"
SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 15, 60, 300, 1800, 7200, 28800, 86400)

tried = Counter(
    "muster_deliveries_total",
    "Tries: sent, bounced, failed, put-off after a fault, held by a limit or quiet hours",
    ["channel", "type", "outcome"],
)
took = Histogram(
    "muster_delivery_seconds", "From when a message was asked for to its hand-over", ["channel"], buckets=SECONDS
)
oldest = Gauge("muster_deliveries_oldest_due_seconds", "Since when that waits which is due the longest", ["bulk"])
waiting = Gauge("muster_deliveries_due", "Deliveries that are due and not settled", ["bulk"])

DUE = text("""
SELECT bulk, extract(epoch FROM now() - min(next_attempt_at)) AS age, count(*) AS number FROM deliveries
 WHERE status = 'pending' AND next_attempt_at <= now() GROUP BY bulk
""")


def count(channel: str, kind: str, outcome: str) -> None:
    """One try ended; `kind` is the message's type."""
    tried.labels(channel, kind if kind in TYPES else OTHER, outcome).inc()


def handed_over(channel: str, kind: str, asked_at: datetime) -> None:
    """A message that was asked for at a time is on its way."""
    count(channel, kind, "sent")
    took.labels(channel).observe(max(0.0, (now() - asked_at).total_seconds()))


async def watch_queue(runtime: Runtime) -> None:
    """In the worker: see how long the queue is, and how old."""
    while True:
        await look(runtime)
        await asyncio.sleep(LOOK_EVERY)


async def look(runtime: Runtime) -> None:
    """Set the figures of the queue."""
    async with runtime.reads() as session:
        rows = {row.bulk: row for row in await session.execute(DUE)}
    for bulk in (False, True):
        row = rows.get(bulk)
        oldest.labels(str(bulk).lower()).set(float(row.age) if row else 0.0)
        waiting.labels(str(bulk).lower()).set(row.number if row else 0)
