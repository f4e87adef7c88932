"""The engine's loops, which run beside the requests in the worker role."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import async_sessionmaker

from artifacts.cohorts.calculations import changes
from artifacts.cohorts.calculations.calculating import calculate_next
from artifacts.cohorts.calculations.due import due_once, next_due
from artifacts.cohorts.calculations.following import follow_once
from artifacts.cohorts.calculations.telling import announce_once

POLL_SECONDS = 0.1
"""How long a change of another process may go unseen."""
SELDOM_SECONDS = 0.5

Step = Callable[[Runtime, datetime | None], Awaitable[bool]]


async def follow_changes(runtime: Runtime) -> None:
    """Follow what changed, and the clock, on a connection of its own, which keeps its plans."""
    async with runtime.engine.connect() as connection:
        own = replace(runtime, sessions=async_sessionmaker(connection, expire_on_commit=False))
        woken = changes.waker()
        while True:
            woken.clear()
            busy = await follow_once(own)
            busy = await due_once(own) or busy
            if not busy:
                due = await next_due(own)
                await _rest(woken, POLL_SECONDS if due is None else min(POLL_SECONDS, due))


async def calculate(runtime: Runtime) -> None:
    """Calculate what waits, and announce what was calculated."""
    woken = changes.waker()
    while True:
        woken.clear()
        busy = await calculate_next(runtime)
        while await announce_once(runtime):
            busy = True
        if not busy:
            await _rest(woken, SELDOM_SECONDS)


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
