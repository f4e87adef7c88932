"""Events of requests that come at the same time are written together.

A transaction costs the same for one event as for hundreds, so what arrives while one is under way waits for it and is
the next one. A request is answered only when its events are committed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from kernel import Unavailable, now
from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError

from artifacts.events.captured import Captured
from artifacts.events.commands import Raced, write

AT_ONCE = 3
"""Transactions of a process."""
MOST_TOGETHER = 5000
"""Events in one transaction, unless a single request has more."""
TRIES = 5
LOST = frozenset({"40P01", "40001", "23503", "55P03"})
"""A deadlock, a lost race, a person who was merged meanwhile, a lock that was not to be had: tried again."""
BUSY = "The events could not be written now; send them again."

written = Counter("muster_artifacts_events_captured", "Events that were captured")


class Waiting(msgspec.Struct):
    """A request's events, and who waits for them."""

    events: Sequence[Captured]
    done: asyncio.Future[None]
    is_taken: bool = False


class Writer:
    """What waits to be written, by organization."""

    def __init__(self, runtime: Runtime) -> None:
        """Nothing waits."""
        self._runtime = runtime
        self._waiting: dict[UUID, list[Waiting]] = defaultdict(list)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def write(self, organization_id: UUID, events: Sequence[Captured]) -> None:
        """Write events; they are committed when this returns. Raises Unavailable."""
        own = Waiting(events, asyncio.get_running_loop().create_future())
        self._waiting[organization_id].append(own)
        async with self._room:
            if not own.is_taken:
                await self._write_waiting(organization_id)
        await own.done

    async def _write_waiting(self, organization_id: UUID) -> None:
        """Write what waits for an organization; what cannot be written together is written request by request."""
        together = self._take(organization_id)
        try:
            if not await self._written(organization_id, together):
                for one in together:
                    if not await self._written(organization_id, [one]) and not one.done.done():
                        one.done.set_exception(Unavailable(BUSY, retry_after=1))
        finally:
            for one in together:
                if not one.done.done():
                    one.done.set_exception(Unavailable(BUSY, retry_after=1))
                    one.done.exception()  # whoever waits may be gone

    def _take(self, organization_id: UUID) -> list[Waiting]:
        waiting = self._waiting.pop(organization_id)
        taken, several = waiting[:1], len(waiting[0].events)
        for one in waiting[1:]:
            if (several := several + len(one.events)) > MOST_TOGETHER:
                break
            taken.append(one)
        if left := waiting[len(taken) :]:
            self._waiting[organization_id] = left
        for one in taken:
            one.is_taken = True
        return taken

    async def _written(self, organization_id: UUID, together: Sequence[Waiting]) -> bool:
        events = [event for one in together for event in one.events]
        for _ in range(TRIES):
            try:
                async with self._runtime.sessions.begin() as session:
                    several = await write(session, organization_id, events, now())
            except Raced:
                continue
            except DBAPIError as error:
                if error.connection_invalidated or getattr(error.orig, "sqlstate", None) not in LOST:
                    if len(together) > 1:
                        return False
                    raise
            else:
                written.inc(several)
                for one in together:
                    if not one.done.done():
                        one.done.set_result(None)
                return True
        return False
