"""One caller who follows the changes: what was missed, then what comes, each change once and in its stream's order.

The place of a follower is a revision: how far it has come on each stream. A process hands on what its own index has
taken in, so an answer asked for after a change knows of it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import DomainError, Forbidden, TooManyRequests, now
from messaging import Entry
from prometheus_client import Counter, Gauge

from authz.authz_changes.notices import Notice, notice_of
from authz.authz_changes.replay import missed, require_held
from authz.authz_changes.visibility import places_of, sees
from authz.replica import Replica, read_revision, write_revision

HEARTBEAT_SECONDS = 15.0
LONGEST_QUEUE = 1000
MOST_FOLLOWERS = 200

followers = Gauge("authz_changes_followers", "Callers who follow the changes of permissions")
cut_off = Counter("authz_changes_cut_off_total", "Followers that were too slow and have to resume")


class Follower:
    """A caller's place and what waits for them."""

    def __init__(self, runtime: Runtime, replica: Replica, principal: Principal, after: str | None) -> None:
        """Begins after the revision `after`, or now. Raises Forbidden, Invalid, or TooManyRequests."""
        self._runtime, self._replica, self._principal = runtime, replica, principal
        places_of(replica.facts, principal)
        if len(replica.listeners) >= MOST_FOLLOWERS:
            raise TooManyRequests("As many follow the changes as this process can serve.", retry_after=30)
        self.positions = read_revision(after, "last-event-id") if after else dict(replica.positions)
        self._joined = dict(replica.positions)
        self._waiting: deque[tuple[str, Entry]] = deque()
        self._arrived = asyncio.Event()
        self._too_slow = False

    @property
    def behind(self) -> bool:
        """Whether something was missed, or the place is one that this process has not reached."""
        return self.positions != self._joined

    async def prepare(self) -> None:
        """Raises the 410 of a place that the streams have no more."""
        if self.behind:
            await require_held(self._runtime, self.positions)

    def hear(self, context: str, entry: Entry) -> None:
        """Take in what the index took in. A queue that is full ends the stream: the caller resumes from its place."""
        if len(self._waiting) >= LONGEST_QUEUE:
            self._too_slow = True
        else:
            self._waiting.append((context, entry))
        self._arrived.set()

    async def run(self) -> AsyncIterator[bytes]:
        """The stream, until the caller goes, is too slow, or may not see it any more."""
        self._joined = dict(self._replica.positions)
        self._replica.listeners.add(self.hear)
        followers.inc()
        try:
            yield self._written("open", {"revision": write_revision(self.positions)})
            for context, until in self._joined.items():
                async for entry in missed(self._runtime, context, self.positions[context], until):
                    if (message := self._message(context, entry)) is not None:
                        yield message
                self.positions[context] = max(self.positions[context], until)
            async for message in self._live():
                yield message
        except (DomainError, OSError):
            return
        finally:
            self._replica.listeners.discard(self.hear)
            followers.dec()

    async def _live(self) -> AsyncIterator[bytes]:
        while not self._too_slow:
            while self._waiting:
                if (message := self._message(*self._waiting.popleft())) is not None:
                    yield message
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._arrived.wait()
                self._arrived.clear()
            except TimeoutError:
                await self._require_still()
                self._catch_up()
                yield f"id: {write_revision(self.positions)}\n: still here\n\n".encode()
        cut_off.inc()

    def _catch_up(self) -> None:
        """Nothing waits: the place is that of the index."""
        for context, position in self._replica.positions.items():
            self.positions[context] = max(self.positions[context], position)

    async def _require_still(self) -> None:
        """Raises Unauthorized or Forbidden for who may not see the stream any more."""
        if self._principal.expires_at <= now():
            raise Forbidden("The token has expired.")
        await self._runtime.revocations.check(self._principal)
        places_of(self._replica.facts, self._principal)

    def _message(self, context: str, entry: Entry) -> bytes | None:
        if entry.sequence <= self.positions[context]:
            return None
        self.positions[context] = entry.sequence
        notice = notice_of(entry)
        if notice is None or not sees(self._replica.facts, places_of(self._replica.facts, self._principal), notice):
            return None
        return self._written("change", notice)

    def _written(self, kind: str, data: Notice | dict[str, str]) -> bytes:
        """An event as server-sent events are written (HTML, section 9.2)."""
        head = f"id: {write_revision(self.positions)}\nevent: {kind}\ndata: ".encode()
        return head + msgspec.json.encode(data) + b"\n\n"
