"""Following a stream from a point on, for readers that keep their state in memory or count sequences themselves.

Each process follows for itself, with a consumer that goes away with it; nothing is acknowledged. One `Tail` hands
batches to one function, in the stream's order:

    async def on_batch(entries: list[Entry]) -> None: ...

    feed = await messaging.tail("identity", [SessionEnded, UserDisabled], on_batch, after=sequence)
    await feed.caught_up.wait()         # everything that was on the stream has been handled
    feed.sequence, feed.silence         # last handled stream sequence; seconds since it was last known to be current
    await feed.stop()

When `on_batch` raises, the same batch is handed over again, so it can apply facts and `entries[-1].sequence` in one
transaction. A stream may hold an event more than once (published again): compare `envelope.aggregateversion` with the
last one applied of that aggregate. After the loss of a stream its sequences start again at 1.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from secrets import token_hex
from time import monotonic
from typing import Any

import msgspec
import nats.errors
import structlog
from contracts.event import Event
from contracts.event import key as key_of
from contracts.event import stream as stream_of
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import APIError

from messaging import metrics
from messaging.connection import Connection
from messaging.envelope import Envelope
from messaging.incoming import read_message
from messaging.pull import Stalled, pull

SLOTS = 32
"""How many tails of one service may follow one stream at the same time, over all its processes."""
INACTIVE_SECONDS = 10.0
CHUNK = 256
_CONSUMER_EXISTS = (10105, 10148)

log = structlog.get_logger("messaging.tail")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the stream. `event` is None for types that are not known here, and where `problem` says why.

    `stored_at` is when the server took it in, in epoch seconds.
    """

    sequence: int
    subject: str
    envelope: Envelope | None
    event: Event | None
    problem: str | None
    stored_at: float


Batch = Callable[[list[Entry]], Awaitable[None]]


def slot_name(service: str, slot: int) -> str:
    """The name of a tail's consumer: permissions name each of them, as NATS' `*` stands for whole words only."""
    return f"{service}-tail-{slot}"


class Tail:
    """A reader that follows one stream. Made by `tail`."""

    def __init__(
        self,
        connection: Connection,
        service: str,
        context: str,
        subjects: Sequence[str | type[Event]],
        handler: Batch,
        *,
        after: int,
        since: datetime | None,
        chunk: int,
    ) -> None:
        """See `tail`."""
        self._connection = connection
        self._service = service
        self._stream = stream_of(context)
        self._filters = [one if isinstance(one, str) else f"evt.{key_of(one)}.>" for one in subjects]
        self._handler = handler
        self._since = since
        self._chunk = chunk
        self._buffer: list[Msg] = []
        self._changed = asyncio.Event()
        self._heard = float("-inf")
        self._expected = 1
        self._task: asyncio.Task[None] | None = None
        self.sequence = after
        self.caught_up = asyncio.Event()

    @property
    def silence(self) -> float:
        """Seconds since everything that the server gave was handled and it was heard. Infinite at the start."""
        return monotonic() - self._heard

    def start(self) -> None:
        """Begin to follow in the background."""
        self._task = asyncio.create_task(self._run(), name=f"tail of {self._stream}")

    async def stop(self) -> None:
        """Stop following. A batch that is being handled is cancelled."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        told = ""
        while True:
            try:
                await self._follow()
            except (Stalled, nats.errors.Error, APIError, TimeoutError, OSError) as error:
                metrics.stalls.labels(self._service, self._stream).inc()
                if str(error) != told:
                    log.warning("tail set up again", stream=self._stream, error=str(error) or type(error).__name__)
                told = str(error)
            except Exception:
                log.exception("tail failed and is set up again", stream=self._stream)
            await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - spreads replicas

    async def _follow(self) -> None:
        client = await self._connection.ready()
        info = await self._create(client)
        self._buffer.clear()
        self._expected = 1
        if not info["num_pending"]:
            self._now_heard()
            self.caught_up.set()
        worker = asyncio.create_task(self._work(), name=f"batches of {self._stream}")
        reading = asyncio.create_task(
            pull(client, self._stream, info["name"], self._deliver, self._room, self._now_heard)
        )
        try:
            done, _ = await asyncio.wait({worker, reading}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            worker.cancel()
            reading.cancel()
            await asyncio.gather(worker, reading, return_exceptions=True)

    async def _create(self, client: Client) -> dict[str, Any]:
        """Make a consumer of our own in a free slot that starts after what was handled."""
        last = (await client.jetstream().stream_info(self._stream)).state.last_seq
        if self.sequence > last:
            log.warning("stream begins anew", stream=self._stream, handled=self.sequence, last=last)
            self.sequence = 0
        start: dict[str, Any] = {"deliver_policy": "all"}
        if self.sequence:
            start = {"deliver_policy": "by_start_sequence", "opt_start_seq": self.sequence + 1}
        elif self._since is not None:
            start = {"deliver_policy": "by_start_time", "opt_start_time": self._since.isoformat()}
        owner = token_hex(8)
        first = random.randrange(SLOTS)  # noqa: S311
        for slot in range(SLOTS):
            name = slot_name(self._service, (first + slot) % SLOTS)
            answer = await self._ask(client, name, owner, start)
            if "error" not in answer:
                return answer
            if answer["error"].get("err_code") not in _CONSUMER_EXISTS:
                raise APIError.from_error(answer["error"])
        raise Stalled(f"all {SLOTS} tails of {self._service} on {self._stream} are in use")

    async def _ask(self, client: Client, name: str, owner: str, start: dict[str, Any]) -> dict[str, Any]:
        """Create only: nats-py's `add_consumer` would take over the consumer of another process."""
        config = {
            "name": name,
            "ack_policy": "none",
            "replay_policy": "instant",
            "filter_subjects": self._filters,
            "mem_storage": True,
            "num_replicas": 1,
            "inactive_threshold": int(INACTIVE_SECONDS * 1_000_000_000),
            "metadata": {"owner": owner},
            **start,
        }
        request = msgspec.json.encode({"stream_name": self._stream, "config": config, "action": "create"})
        message = await client.request(f"$JS.API.CONSUMER.CREATE.{self._stream}.{name}", request, 5)
        return msgspec.json.decode(message.data)

    async def _room(self) -> int:
        while len(self._buffer) >= self._chunk:
            self._changed.clear()
            await self._changed.wait()
        return self._chunk

    def _now_heard(self) -> None:
        if not self._buffer:
            self._heard = monotonic()

    def _deliver(self, message: Msg) -> None:
        if message.metadata.sequence.consumer != self._expected:
            raise Stalled("messages were lost on the way")
        self._expected += 1
        self._buffer.append(message)
        self._changed.set()

    async def _work(self) -> None:
        """Hand over what has arrived, and the same again where the handler failed."""
        while True:
            while not self._buffer:
                self._changed.clear()
                await self._changed.wait()
            messages = self._buffer[: self._chunk]
            await self._hand_over([_entry(message) for message in messages])
            self.sequence = messages[-1].metadata.sequence.stream
            del self._buffer[: len(messages)]
            self._now_heard()
            self._changed.set()
            if not messages[-1].metadata.num_pending:
                self.caught_up.set()

    async def _hand_over(self, entries: list[Entry]) -> None:
        wait = 0.1
        while True:
            try:
                await self._handler(entries)
            except Exception:
                log.exception("batch failed", stream=self._stream, first=entries[0].sequence)
                await asyncio.sleep(wait)
                wait = min(5.0, 2 * wait)
            else:
                return


def _entry(message: Msg) -> Entry:
    incoming = read_message(message)
    return Entry(
        sequence=incoming.sequence,
        subject=incoming.subject,
        envelope=incoming.envelope,
        event=incoming.event,
        problem=incoming.problem,
        stored_at=message.metadata.timestamp.timestamp(),
    )


async def tail(
    connection: Connection,
    service: str,
    context: str,
    subjects: Sequence[str | type[Event]],
    handler: Batch,
    *,
    after: int = 0,
    since: datetime | None = None,
    chunk: int = CHUNK,
) -> Tail:
    """Follow a context's stream from the message after sequence `after`, or from the time `since`, or from its start.

    `subjects` are event types or NATS subjects. Returns at once; the server may not be there yet. `handler` gets up to
    `chunk` entries at a time.
    """
    made = Tail(connection, service, context, subjects, handler, after=after, since=since, chunk=chunk)
    made.start()
    return made
