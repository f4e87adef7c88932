"""Who listens for messages in this process, and how they learn that there is something new.

Nothing is queued for a listener: it is told that something came and reads what follows its place, a page at a time, as
fast as its client takes it. One look into the table a process and quarter of a second tells whom to wake; whoever is
not woken looks for itself at every heartbeat.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import DomainError, Forbidden, Invalid, TooManyRequests, now, rfc3339
from prometheus_client import Gauge

HEARTBEAT_SECONDS = 15.0
LOOK_SECONDS = 0.25
MOST_LISTENERS = 5000
MOST_OF_ONE = 10
PAGE = 100
OVERLAP = 500
"""Numbers that are looked at again: a transaction may commit after one that took a later number."""

NEWEST = "SELECT coalesce(max(number), 0) FROM in_app_messages"
MINE = "SELECT coalesce(max(number), 0) FROM in_app_messages WHERE user_id = $1"
ARRIVED = "SELECT number, user_id FROM in_app_messages WHERE number > $1"
MISSED = f"""
SELECT number, id, type, organization_id, subject, text, created_at
FROM in_app_messages WHERE user_id = $1 AND number > $2 ORDER BY number LIMIT {PAGE}
"""  # noqa: S608 a number of ours

listening = Gauge("notifications_listeners", "Open streams of messages")

Waiting = dict[UUID, set[asyncio.Event]]


def waiting(runtime: Runtime) -> Waiting:
    """Whom to wake, by user."""
    return runtime.extras.setdefault("listeners", {})


class Listener:
    """A person's place in their messages."""

    def __init__(self, runtime: Runtime, principal: Principal, user_id: UUID, after: str | None) -> None:
        """Begins after the number `after`, or now. Raises Invalid, or TooManyRequests."""
        if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):  # noqa: PLR2004 a bigint
            raise Invalid("This is no place in the stream.", parameter="last-event-id")
        present = waiting(runtime)
        if len(present.get(user_id, ())) >= MOST_OF_ONE or sum(map(len, present.values())) >= MOST_LISTENERS:
            raise TooManyRequests("There are too many open streams.", retry_after=30)
        self._runtime, self._principal, self._user_id = runtime, principal, user_id
        self._position = None if after is None else int(after)
        self._arrived = asyncio.Event()

    async def run(self) -> AsyncIterator[bytes]:
        """The stream, until the caller goes or their token ends."""
        waiting(self._runtime).setdefault(self._user_id, set()).add(self._arrived)
        listening.inc()
        try:
            if self._position is None:
                self._position = int((await self._runtime.row(MINE, self._user_id))[0])
            yield f"id: {self._position}\nevent: open\ndata: {{}}\n\n".encode()
            while True:
                async for message in self._new():
                    yield message
                if not await self._woken():
                    await self._require_still()
                    yield b": still here\n\n"
        except (DomainError, OSError):
            return
        finally:
            self._leave()
            listening.dec()

    async def _new(self) -> AsyncIterator[bytes]:
        while rows := await self._runtime.row.all(MISSED, self._user_id, self._position):
            for row in rows:
                self._position = row[0]
                yield _written(row)

    async def _woken(self) -> bool:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await self._arrived.wait()
        except TimeoutError:
            return False
        self._arrived.clear()
        return True

    async def _require_still(self) -> None:
        """Raises Unauthorized or Forbidden for whose token has ended."""
        if self._principal.expires_at <= now():
            raise Forbidden("The token has expired.")
        await self._runtime.revocations.check(self._principal)

    def _leave(self) -> None:
        present = waiting(self._runtime)
        mine = present.get(self._user_id, set())
        mine.discard(self._arrived)
        if not mine:
            present.pop(self._user_id, None)


async def wake_listeners(runtime: Runtime) -> None:
    """Wake whom something came for, for as long as the process runs; no look while nobody listens."""
    seen: set[int] = set()
    newest: int | None = None
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        present = waiting(runtime)
        if not present:
            newest = None
            continue
        if newest is None:
            newest = int((await runtime.row(NEWEST))[0])
            woken = set(present)
        else:
            rows = await runtime.row.all(ARRIVED, newest - OVERLAP)
            woken = {row[1] for row in rows if row[0] not in seen}
            seen = {row[0] for row in rows}
            newest = max(seen, default=newest)
        for user_id in woken:
            for arrived in present.get(user_id, ()):
                arrived.set()


def _written(row: Any) -> bytes:
    """A message as server-sent events are written (HTML, section 9.2)."""
    number, identifier, kind, organization_id, subject, words, created_at = row
    data = {
        "id": str(identifier),
        "message-type": kind,
        "organization-id": organization_id and str(organization_id),
        "subject": subject,
        "text": words,
        "created-time": rfc3339(created_at),
    }
    return f"id: {number}\nevent: notification\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"
