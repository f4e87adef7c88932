"""Taking deliveries that are due."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from kernel import uuid7
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

LEASE = timedelta(seconds=30)
TRIED_FOR = timedelta(hours=24)
MOST_AT_ONE = 4
"""Tries under way to one endpoint; one that failed three times in a row gets one at a time."""
FAILING_AFTER = 3
MOST_OF_ONE = 12
"""Tries under way for one organization, however many endpoints it has."""

CLAIM = text("""
WITH RECURSIVE waiting AS (
    (SELECT endpoint_id FROM webhook_deliveries WHERE status = 'pending' AND NOT test ORDER BY endpoint_id LIMIT 1)
    UNION ALL
    SELECT (SELECT d.endpoint_id FROM webhook_deliveries d
             WHERE d.status = 'pending' AND NOT d.test AND d.endpoint_id > w.endpoint_id
             ORDER BY d.endpoint_id LIMIT 1)
      FROM waiting w WHERE w.endpoint_id IS NOT NULL
), busy AS (
    SELECT organization_id, endpoint_id, count(*) AS tries FROM webhook_deliveries
     WHERE lease_id IS NOT NULL AND next_attempt_at > now() GROUP BY 1, 2
), ranked AS (
    SELECT found.id, found.next_attempt_at,
           row_number() OVER (PARTITION BY e.organization_id ORDER BY found.next_attempt_at)
           + coalesce((SELECT sum(o.tries) FROM busy o WHERE o.organization_id = e.organization_id), 0) AS turn
      FROM waiting w JOIN webhook_endpoints e ON e.id = w.endpoint_id
      LEFT JOIN busy b ON b.endpoint_id = e.id
     CROSS JOIN LATERAL (
        SELECT d.id, d.next_attempt_at FROM webhook_deliveries d
         WHERE d.endpoint_id = e.id AND d.status = 'pending' AND NOT d.test AND d.next_attempt_at <= now()
         ORDER BY d.next_attempt_at
         LIMIT CASE WHEN e.status <> 'active' OR e.hold_until > now() THEN 0 ELSE greatest(0,
            CASE WHEN e.failures >= :failing THEN 1 ELSE :each END - coalesce(b.tries, 0)) END
         FOR UPDATE SKIP LOCKED) found
), due AS (
    SELECT id FROM ranked WHERE turn <= :of_one ORDER BY turn, next_attempt_at LIMIT :most
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


async def claim(session: AsyncSession, most: int) -> list[Claimed]:
    """Take up to `most` deliveries that are due, and tests: few of each endpoint, of organizations in turn.

    A dead worker's come again when its lease has ended.
    """
    values = {
        "lease": uuid7(),
        "duration": LEASE,
        "tried_for": TRIED_FOR,
        "most": most,
        "each": MOST_AT_ONE,
        "failing": FAILING_AFTER,
        "of_one": MOST_OF_ONE,
    }
    return [Claimed(**row) for row in (await session.execute(CLAIM, values)).mappings()]
