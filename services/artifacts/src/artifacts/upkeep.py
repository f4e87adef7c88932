"""What is swept: files whose day is over, drafts that nobody has touched for long, counts of days gone by.

Calculations of cohorts are remembered for 90 days. Grants to act as others go a month after they ended; who acted as
whom stays in the audit trail.
"""

import asyncio

from chassis.runtime import Runtime
from sqlalchemy import text

from artifacts.profiles import limits
from artifacts.uploads import commands as uploads

SWEEP_EVERY = 60.0
"""Seconds."""
SWEEP_DRAFTS = text("""
DELETE FROM drafts WHERE id IN (
    SELECT id FROM drafts
     WHERE updated_at < now() - CASE WHEN is_active THEN interval '90 days' ELSE interval '7 days' END
     ORDER BY updated_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
""")
SWEEP_GRANTS = text("DELETE FROM emulations WHERE expires_at < now() - interval '30 days'")
SWEEP_CALCULATIONS = text("""
DELETE FROM cohort_calculations WHERE id IN (
    SELECT id FROM cohort_calculations WHERE started_at < now() - interval '90 days' LIMIT 10000)
""")


async def sweep(runtime: Runtime) -> None:
    """Sweep again and again."""
    while True:
        await sweep_once(runtime)
        await asyncio.sleep(SWEEP_EVERY)


async def sweep_once(runtime: Runtime) -> None:
    """Remove what is due: all files, some drafts."""
    more = True
    while more:
        async with runtime.sessions.begin() as session:
            more = await uploads.sweep(session, runtime) > 0
    async with runtime.sessions.begin() as session:
        await session.execute(SWEEP_DRAFTS)
        await session.execute(SWEEP_GRANTS)
        await session.execute(SWEEP_CALCULATIONS)
        await session.execute(limits.SWEEP)
