"""The last step of messages that are ready about the same time, in one transaction."""

import asyncio
from collections.abc import Sequence

import msgspec
from chassis.runtime import Runtime
from messaging import failpoints

from notifications.channels.channel import HandOver
from notifications.deliveries import commands
from notifications.deliveries.commands import Claimed, LeaseLost, MailFacts

GATHER_SECONDS = 0.002


class Ready(msgspec.Struct, frozen=True):
    """A delivery of which only the last step is left; `facts` are what the log of mails says of it."""

    claimed: Claimed
    last_step: HandOver
    facts: MailFacts | None


Waiting = list[tuple[Ready, asyncio.Future[None]]]


class HandOvers:
    """Collects what is ready, and hands it over together."""

    def __init__(self, runtime: Runtime) -> None:
        """Nothing waits yet."""
        self._runtime = runtime
        self._waiting: Waiting = []
        self._running: set[asyncio.Task[None]] = set()

    async def hand_over(self, ready: Ready) -> None:
        """Until it is handed over and that is written. Raises LeaseLost, Deferred, Refused, or what is our fault."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((ready, done))
        if len(self._waiting) == 1:
            task = asyncio.create_task(self._next())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        await done

    async def close(self) -> None:
        """Until nothing is under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _next(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        waiting, self._waiting = self._waiting, []
        try:
            results = await _together(self._runtime, [ready for ready, _ in waiting])
        except Exception as error:  # noqa: BLE001 each of those who wait is told
            results = [error] * len(waiting)
        for (_, done), result in zip(waiting, results, strict=True):
            if not done.done():
                done.set_result(None) if result is None else done.set_exception(result)


async def _together(runtime: Runtime, batch: Sequence[Ready]) -> list[Exception | None]:
    """What became of each: None where it is handed over.

    The rows are written before the last step and stay locked to the COMMIT, so no other worker can take one over
    however slow the server is. A process that dies between a server's answer and the COMMIT leaves the delivery
    pending: it is sent again with the same Message-ID. A COMMIT before the last step would lose the message instead.
    """
    async with runtime.sessions.begin() as session:
        held = await commands.hold(session, [ready.claimed for ready in batch])
        results = await asyncio.gather(*(_last_step(ready, held=ready.claimed.id in held) for ready in batch))
        failpoints.hit("deliveries.after_hand_over")
        outcomes = list(zip(batch, results, strict=True))
        kept = [ready.claimed for ready, result in outcomes if result and not isinstance(result, LeaseLost)]
        await commands.give_back(session, kept)
        sent = [ready for ready, result in outcomes if result is None]
        await commands.log_mails(session, [(ready.claimed, ready.facts) for ready in sent if ready.facts])
        await commands.announce_sent(session, [ready.claimed for ready in sent])
    return list(results)


async def _last_step(ready: Ready, *, held: bool) -> Exception | None:
    if not held:
        return LeaseLost()
    try:
        await ready.last_step()
    except Exception as error:  # noqa: BLE001 one message's fault is not the others'
        return error
    return None
