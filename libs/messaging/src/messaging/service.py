"""What a process starts: connection, relay, readers and answers to other services."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

import nats.errors
import structlog
from contracts.event import Event
from kernel import Unavailable
from nats.js.errors import APIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from messaging import advisories, dead_letters, gaps, owner, streams
from messaging.connection import Connection
from messaging.consumers import Reader
from messaging.control import RetryWanted
from messaging.durables import ConsumerSettings, Copying, copying
from messaging.incoming import Consumers
from messaging.relay import Relay
from messaging.tail import CHUNK, Batch, Tail, tail

STREAM_AGAIN_SECONDS = 5.0
COPYING_SECONDS = 2.0
log = structlog.get_logger("messaging")


class Messaging:
    """Messaging of one process of a service, whose name is also the context it publishes.

    Starting never waits for NATS: `connected` says whether it is there. With `worker=False` the process publishes
    nothing itself and reads nothing but tails; it wakes the process that does.
    """

    def __init__(
        self,
        service: str,
        *,
        database_url: str,
        sessions: async_sessionmaker[AsyncSession],
        nats_url: str,
        nats_user: str = "",
        nats_password: str = "",
        consumers: Consumers | None = None,
        worker: bool = True,
        replicas: int = 1,
        retention: timedelta = streams.RETENTION,
        settings: ConsumerSettings | None = None,
    ) -> None:
        """`replicas` are the streams' copies in a NATS cluster, `retention` how long events are kept."""
        self.service = service
        self.connection = Connection(nats_url, nats_user, nats_password, service)
        self._database_url = database_url
        self._sessions = sessions
        self._table = consumers or {}
        self._worker = worker
        self._replicas = replicas
        self._retention = retention
        self._settings = settings or ConsumerSettings()
        self._relay = Relay(
            service, database_url, self.connection, retention=retention, replicas=replicas, publishes=worker
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._tails: list[Tail] = []

    @property
    def connected(self) -> bool:
        """Whether NATS answers now."""
        return self.connection.connected

    @property
    def relay_active(self) -> bool:
        """Whether this process publishes for the service."""
        return self._relay.active

    async def start(self) -> None:
        """Begin everything in the background."""
        self.connection.start()
        self._run(self._relay.run(), "relay")
        if not self._worker:
            return
        self._run(self._ensure_streams(), "streams")
        self._run(
            owner.serve(self.service, self._database_url, self.connection, self._relay.wake, self._retry), "answers"
        )
        for context in sorted({kind.context for kind in self._table}):
            reader = Reader(self.service, context, self._table, self._sessions, self.connection, self._settings)
            self._run(reader.run(), f"reader of {context}")
        if self._table:
            self._run(gaps.watch(self.service, self._sessions, self.connection, self._table), "gaps")
            self._run(advisories.watch(self.service, self._sessions, self.connection), "advisories")

    async def stop(self) -> None:
        """Finish what is being handled, then disconnect."""
        for one in self._tails:
            await one.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.connection.close()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def tail(
        self,
        context: str,
        subjects: Sequence[str | type[Event]],
        handler: Batch,
        *,
        after: int = 0,
        since: datetime | None = None,
        chunk: int = CHUNK,
    ) -> Tail:
        """Follow a context's stream: see `messaging.tail`. It ends with this object."""
        made = await tail(
            self.connection, self.service, context, subjects, handler, after=after, since=since, chunk=chunk
        )
        self._tails.append(made)
        return made

    async def copying(self) -> list[Copying]:
        """Who copies this service's events by durable consumers. Raises Unavailable while NATS does not tell."""
        try:
            async with asyncio.timeout(COPYING_SECONDS):
                return await copying(await self.connection.ready(), self.service)
        except (nats.errors.Error, APIError, TimeoutError, OSError) as error:
            raise Unavailable("Who copies the events cannot be told now.") from error

    async def _retry(self, wanted: RetryWanted) -> int:
        return await dead_letters.retry(
            self._sessions,
            self.service,
            self._table,
            aggregate_type=wanted.aggregate_type,
            aggregate_id=wanted.aggregate_id,
            skip=wanted.skip,
        )

    async def _ensure_streams(self) -> None:
        told = ""
        while True:
            client = await self.connection.ready()
            try:
                await streams.ensure_own(client, self.service, retention=self._retention, replicas=self._replicas)
            except (nats.errors.Error, APIError, TimeoutError, OSError) as error:
                if str(error) != told:
                    log.warning("stream not ready", service=self.service, error=str(error) or type(error).__name__)
                told = str(error)
                await asyncio.sleep(STREAM_AGAIN_SECONDS)
            else:
                return

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"messaging {name}")
        task.add_done_callback(_tell)
        self._tasks.append(task)


def _tell(task: "asyncio.Task[None]") -> None:
    """A background task that ends by itself with an error must not do so silently."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("messaging task ended", task=task.get_name(), exc_info=error)
