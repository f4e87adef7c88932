"""Counting redirects: in the process's memory first, then together, so that no redirect writes a row.

A process that is killed loses the counts of its last seconds.
"""

import asyncio
from collections import Counter
from uuid import UUID

from chassis.runtime import Runtime
from sqlalchemy import text

EVERY = 2.0

ADD = text("""
WITH locked AS (SELECT id FROM url_shorteners WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE)
UPDATE url_shorteners AS u SET redirect_count = redirect_count + added.count
FROM unnest(CAST(:ids AS uuid[]), CAST(:counts AS bigint[])) AS added(id, count), locked
WHERE u.id = added.id AND locked.id = u.id
""")


def note(runtime: Runtime, shortener_id: UUID) -> None:
    """One more redirect."""
    _waiting(runtime)[shortener_id] += 1


async def count_redirects(runtime: Runtime) -> None:
    """Write what was counted every two seconds, and at the end."""
    try:
        while True:
            await asyncio.sleep(EVERY)
            await write(runtime)
    finally:
        await write(runtime)


async def write(runtime: Runtime) -> None:
    """Add what was counted to the rows; what cannot be written waits."""
    waiting = _waiting(runtime)
    if not waiting:
        return
    counted = dict(waiting)
    waiting.clear()
    try:
        async with runtime.sessions.begin() as session:
            await session.execute(ADD, {"ids": list(counted), "counts": list(counted.values())})
    except BaseException:
        waiting.update(counted)
        raise


def _waiting(runtime: Runtime) -> Counter[UUID]:
    return runtime.extras.setdefault("redirects", Counter())
