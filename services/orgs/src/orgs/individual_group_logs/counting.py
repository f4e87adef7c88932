"""Keeping count of the record, which is only ever added to, so that lists need not count it from the start."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.runtime import Runtime
from sqlalchemy import text

EVERY_SECONDS = 30.0
MARGIN = timedelta(seconds=2)
"""Clocks of the server's processors may differ a little."""

HORIZON = text("""
SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
""")
MARK = text("SELECT counted_to FROM group_log_mark FOR UPDATE")
COUNT = text("""
INSERT INTO group_log_counts AS known (organization_id, entries)
SELECT organization_id, count(*) FROM group_logs WHERE id >= :mark AND id < :horizon
GROUP BY organization_id ORDER BY organization_id
ON CONFLICT (organization_id) DO UPDATE SET entries = known.entries + excluded.entries
""")
ADVANCE = text("UPDATE group_log_mark SET counted_to = :horizon")


async def keep_count(runtime: Runtime) -> None:
    """Count new entries every half minute."""
    while True:
        await count_entries(runtime)
        await asyncio.sleep(EVERY_SECONDS)


async def count_entries(runtime: Runtime) -> None:
    """Count the entries that have come since the mark, up to a moment before which none can come any more.

    An entry's id holds the time at which it was written (RFC 9562, version 7), which is not before its transaction
    began; so no transaction that is still open, or begins later, writes one before the oldest open transaction.
    """
    async with runtime.sessions.begin() as session:
        mark = (await session.execute(MARK)).scalar_one()
        moment: datetime = (await session.execute(HORIZON)).scalar_one()
        horizon = lowest(moment.astimezone(UTC) - MARGIN)
        if horizon > mark:
            await session.execute(COUNT, {"mark": mark, "horizon": horizon})
            await session.execute(ADVANCE, {"horizon": horizon})


def lowest(moment: datetime) -> UUID:
    """The lowest id that is made at a moment or later."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
