"""Reading what a follower has missed from the streams themselves: there is no other copy of it."""

import asyncio
from collections.abc import AsyncIterator

from chassis.runtime import Runtime
from contracts.event import stream
from kernel import DomainError
from messaging import Entry
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

CHUNK = 256
AT_ONCE = asyncio.Semaphore(4)
"""Replays of a process at the same time: each holds a place among a stream's followers."""
SECONDS_OF_SILENCE = 10.0


def too_old() -> DomainError:
    """What a follower is told whose place the streams have no more."""
    return DomainError(
        "The streams do not reach back so far. Read what you keep anew, then follow from the revision of that answer.",
        code="revision-too-old",
        status=410,
    )


async def require_held(runtime: Runtime, positions: dict[str, int]) -> None:
    """Raises the error above unless every stream still holds all that came after these positions."""
    jetstream = (await runtime.messaging.connection.ready()).jetstream()
    for context, position in positions.items():
        first, last = await _held(jetstream, context)
        if position + 1 < first or position > last:
            raise too_old()


async def _held(jetstream: JetStreamContext, context: str) -> tuple[int, int]:
    """The first and the last sequence that a stream has; nothing while its service has not made it yet."""
    try:
        state = (await jetstream.stream_info(stream(context))).state
    except NotFoundError:
        return 1, 0
    return state.first_seq, state.last_seq


async def missed(runtime: Runtime, context: str, after: int, until: int) -> AsyncIterator[Entry]:
    """The entries of a context's stream after one sequence and up to another.

    Raises TimeoutError where the stream is silent before it came so far.
    """
    batches: asyncio.Queue[list[Entry]] = asyncio.Queue(maxsize=1)
    async with AT_ONCE:
        tail = await runtime.messaging.tail(context, [f"evt.{context}.>"], batches.put, after=after, chunk=CHUNK)
        try:
            while after < until:
                async with asyncio.timeout(SECONDS_OF_SILENCE):
                    batch = await batches.get()
                for entry in batch:
                    if after < entry.sequence <= until:
                        yield entry
                after = max(after, batch[-1].sequence)
        finally:
            await tail.stop()
