"""Reading other contexts' events: one durable pull consumer a service and context."""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Awaitable
from time import monotonic

import nats.errors
import structlog
from contracts.event import stream as stream_of
from kernel import now
from nats.aio.msg import Msg
from nats.js.errors import APIError
from opentelemetry.trace import SpanKind
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from messaging import failpoints, metrics
from messaging.connection import Connection
from messaging.control import note_parked
from messaging.durables import ConsumerSettings, aggregates_of, catch_up, ensure_durable
from messaging.faults import held_for
from messaging.inbox import Outcome, Reason, apply, park
from messaging.incoming import Consumers, Incoming, read_message
from messaging.outbox import Cause, cause
from messaging.pull import Stalled, pull
from messaging.replay import StillFails, replay
from messaging.tracing import span

BATCH = 64
SETUP_SECONDS = 1.0

log = structlog.get_logger("messaging.consumers")


class Reader:
    """Handles one context's events for a service: in order within an aggregate, others at the same time."""

    def __init__(
        self,
        service: str,
        context: str,
        table: Consumers,
        sessions: async_sessionmaker[AsyncSession],
        connection: Connection,
        settings: ConsumerSettings,
    ) -> None:
        """`table` may name events of other contexts too; they are left to other readers."""
        self._service = service
        self._context = context
        self._table = table
        self._sessions = sessions
        self._connection = connection
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._chains: dict[tuple[str, str], deque[tuple[Msg, Incoming]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_hand: dict[str, tuple[Msg, float]] = {}
        self._released = asyncio.Event()
        self._catching_up: asyncio.Task[None] | None = None
        self._stopping = False

    async def run(self) -> None:
        """Read until cancelled; then what is being handled is finished and the rest given back."""
        keeper = asyncio.create_task(self._keep_in_hand(), name="messages in hand")
        try:
            await self._read()
        finally:
            await self._finish()
            keeper.cancel()
            if self._catching_up is not None:
                self._catching_up.cancel()

    async def _read(self) -> None:
        stream, told = stream_of(self._context), ""
        aggregates = aggregates_of(self._table, self._context)
        while True:
            try:
                client = await self._connection.ready()
                info, missing = await ensure_durable(client, self._context, self._service, aggregates, self._settings)
                if missing and (self._catching_up is None or self._catching_up.done()):
                    work = catch_up(self._connection, self._context, info, missing)
                    self._catching_up = asyncio.create_task(work, name="earlier events")
                metrics.lag.labels(self._service, self._context).set(info.num_pending or 0)
                told = ""
                await pull(client, stream, self._service, self._deliver, self._room)
            except (Stalled, nats.errors.Error, APIError, TimeoutError, OSError) as error:
                metrics.stalls.labels(self._service, stream).inc()
                if str(error) != told:
                    log.warning("reader set up again", stream=stream, error=str(error) or type(error).__name__)
                told = str(error)
            except Exception:
                log.exception("reader failed and is set up again", stream=stream)
            await asyncio.sleep(SETUP_SECONDS * random.uniform(0.2, 1))  # noqa: S311 - spreads replicas

    async def _room(self) -> int:
        while (free := self._settings.max_in_hand - len(self._in_hand)) <= 0:
            self._released.clear()
            await self._released.wait()
        return min(BATCH, free)

    def _deliver(self, message: Msg) -> None:
        """Put a message behind the earlier ones of its aggregate."""
        if message.reply in self._in_hand or self._stopping:
            return
        self._in_hand[message.reply] = (message, monotonic())
        metrics.in_hand.labels(self._service, self._context).set(len(self._in_hand))
        metrics.lag.labels(self._service, self._context).set(message.metadata.num_pending)
        incoming = read_message(message)
        chain = self._chains.get(incoming.aggregate)
        if chain is not None:
            chain.append((message, incoming))
            return
        self._chains[incoming.aggregate] = deque([(message, incoming)])
        task = asyncio.create_task(self._work(incoming.aggregate), name=f"events of {incoming.aggregate_type}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, aggregate: tuple[str, str]) -> None:
        chain = self._chains[aggregate]
        try:
            while chain and not self._stopping:
                message, incoming = chain[0]
                async with self._slots:
                    again_in = await self._attempt(message, incoming)
                if again_in is not None:
                    await asyncio.sleep(again_in)
                    continue
                chain.popleft()
                self._release(message)
        except Exception:
            log.exception("events left to the server", aggregate=aggregate)
        finally:
            del self._chains[aggregate]
            for message, _ in chain:
                self._release(message)

    def _release(self, message: Msg) -> None:
        self._in_hand.pop(message.reply, None)
        metrics.in_hand.labels(self._service, self._context).set(len(self._in_hand))
        self._released.set()

    async def _attempt(self, message: Msg, incoming: Incoming) -> float | None:
        """Handle and answer a message. A number means: the world is not ready, try again after so many seconds."""
        delivered = message.metadata.num_delivered
        try:
            outcome = await self._outcome(incoming, delivered)
        except Exception as error:  # noqa: BLE001 - a handler may raise anything
            if (wait := held_for(error)) is not None:
                log.warning("event held", event_id=str(incoming.event_id), error=str(error) or type(error).__name__)
                return wait
            outcome = await self._failed(incoming, delivered, error)
        if not isinstance(outcome, Outcome):
            await _answer(message.nak(delay=outcome))
            return None
        metrics.consumed.labels(self._service, self._context, outcome.value).inc()
        failpoints.hit("inbox.after_commit")
        await _answer(message.ack())
        failpoints.hit("inbox.after_ack")
        return None

    async def _outcome(self, incoming: Incoming, delivered: int) -> Outcome | float:
        """What became of it, or in how many seconds it is to come again."""
        if incoming.problem is not None:
            return await self._park(incoming, Reason.UNDECODABLE, incoming.problem, delivered)
        with metrics.handling.labels(self._service).time():
            outcome, state = await self._apply(incoming)
        if outcome is Outcome.GAP:
            return await self._gap(incoming, state, delivered)
        if outcome in (Outcome.APPLIED, Outcome.PASSED):
            self._measure(incoming)
            if state == "waiting":
                await self._replay(incoming.aggregate)
        return outcome

    async def _apply(self, incoming: Incoming) -> tuple[Outcome, str]:
        envelope = incoming.envelope
        token = cause.set(Cause(str(incoming.event_id), envelope.correlationid if envelope else None))
        names = {
            "destination__name": incoming.subject,
            "destination__template": f"evt.{envelope.key if envelope else ''}",
            "message__id": str(incoming.event_id),
            "consumer__group__name": self._service,
        }
        try:
            with span("process", SpanKind.CONSUMER, incoming.traceparent, **names):
                async with asyncio.timeout(self._settings.handler_seconds), self._sessions.begin() as session:
                    result = await apply(session, self._service, incoming, self._table)
                    failpoints.hit("inbox.before_commit")
                return result
        finally:
            cause.reset(token)

    async def _gap(self, incoming: Incoming, state: str, delivered: int) -> Outcome | float:
        """An earlier version is missing: wait a little, then put the event aside and ask for the missing ones."""
        delays = self._settings.gap_delays
        if delivered <= len(delays) and state == "open":
            return float(delays[delivered - 1])
        outcome = await self._park(incoming, Reason.GAP, "", delivered)
        return 0.05 if outcome is Outcome.GAP else outcome

    async def _failed(self, incoming: Incoming, delivered: int, error: Exception) -> Outcome | float:
        text = f"{type(error).__name__}: {error}"
        log.warning(
            "event failed", event_id=str(incoming.event_id), subject=incoming.subject, error=text, time=delivered
        )
        if delivered < self._settings.max_deliver:
            delays = self._settings.retry_delays
            return float(delays[min(delivered, len(delays)) - 1])
        return await self._park(incoming, Reason.FAILED, text, delivered)

    async def _park(self, incoming: Incoming, reason: Reason, error: str, attempts: int) -> Outcome:
        while True:
            try:
                async with self._sessions.begin() as session:
                    outcome = await park(session, self._service, incoming, reason, error, attempts)
                break
            except Exception as fault:
                if (wait := held_for(fault)) is None:
                    raise
                await asyncio.sleep(wait)
        if outcome is Outcome.PARKED:
            metrics.parked_total.labels(self._service, reason.value).inc()
            if reason is not Reason.GAP:
                log.error("event parked", event_id=str(incoming.event_id), reason=reason.value, error=error)
            with contextlib.suppress(nats.errors.Error, TimeoutError):
                await note_parked(self._connection, self._service, incoming, reason, error)
        return outcome

    async def _replay(self, aggregate: tuple[str, str]) -> None:
        with contextlib.suppress(StillFails):
            await replay(self._sessions, self._service, aggregate, self._table, attempts=self._settings.max_deliver)

    def _measure(self, incoming: Incoming) -> None:
        if incoming.envelope is not None:
            delay = (now() - incoming.envelope.time).total_seconds()
            metrics.apply_delay.labels(self._service).observe(max(0.0, delay))

    async def _keep_in_hand(self) -> None:
        """Tell the server of messages that wait or are worked on, so that it does not give them out again."""
        period = self._settings.ack_wait / 3
        while True:
            await asyncio.sleep(period)
            for message, since in list(self._in_hand.values()):
                if monotonic() - since > period / 2:
                    await _answer(message.in_progress())

    async def _finish(self) -> None:
        """Give back what nobody has begun and wait for what is being handled."""
        self._stopping = True
        for chain in self._chains.values():
            while len(chain) > 1:
                message, _ = chain.pop()
                await _answer(message.nak())
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=10)
            for task in late:
                task.cancel()


async def _answer(sending: Awaitable[None]) -> None:
    with contextlib.suppress(nats.errors.Error, OSError):
        await sending
