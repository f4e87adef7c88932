"""The engine's loops, which run beside the requests in the worker role."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import async_sessionmaker

from artifacts.cohorts.calculations import changes
from artifacts.cohorts.calculations.calculating import calculate_next
from artifacts.cohorts.calculations.due import due_once
from artifacts.cohorts.calculations.following import follow_once
from artifacts.cohorts.calculations.telling import announce_once

POLL_SECONDS = 0.1
"""How long a change of another process may go unseen."""
CHANGED = """
SELECT EXISTS (SELECT 1 FROM cohort_changes) AS changed,
       (SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8
          FROM cohort_schedules WHERE due_at IS NOT NULL) AS due
"""
WAITING = """
SELECT EXISTS (SELECT 1 FROM cohorts WHERE pending_version > COALESCE(calculated_version, 0)) AS waiting,
       EXISTS (SELECT 1 FROM member_announcements) AS announced
"""
"""One look costs a tenth of a millisecond; nothing is begun where nothing is to be done."""

Step = Callable[[Runtime, datetime | None], Awaitable[bool]]


async def follow_changes(runtime: Runtime) -> None:
    """Follow what changed, and the clock, on a connection of its own, which keeps its plans."""
    async with runtime.engine.connect() as connection:
        own = replace(runtime, sessions=async_sessionmaker(connection, expire_on_commit=False))
        woken = changes.waker()
        while True:
            woken.clear()
            seen = await runtime.row(CHANGED)
            busy = seen["changed"] and await follow_once(own)
            if seen["due"] is not None and seen["due"] <= 0:
                busy = await due_once(own) or busy
            if not busy:
                soon = seen["due"] is not None and 0 < seen["due"] < POLL_SECONDS
                await _rest(woken, seen["due"] if soon else POLL_SECONDS)


async def calculate(runtime: Runtime) -> None:
    """Calculate what waits, and announce what was calculated."""
    woken = changes.waker()
    while True:
        woken.clear()
        seen = await runtime.row(WAITING)
        busy = seen["waiting"] and await calculate_next(runtime)
        while (seen["announced"] or busy) and await announce_once(runtime):
            busy = True
        if not busy:
            await _rest(woken, POLL_SECONDS)


async def settle(runtime: Runtime, now: datetime | None = None) -> None:
    """Do everything that waits at a moment, and return."""
    steps: tuple[Step, ...] = (follow_once, due_once, calculate_next)
    while any([await step(runtime, now) for step in steps]) or await announce_once(runtime):
        pass


async def _rest(woken: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return


BACKGROUND = (follow_changes, calculate)
