"""One connection to NATS that comes back by itself, also when the server was not there at the start."""

import asyncio
import contextlib
from typing import Any

import nats.errors
import structlog
from nats.aio.client import Client

RECONNECT_SECONDS = 0.5
PING_SECONDS = 10
PENDING_BYTES = 8 * 1024 * 1024

log = structlog.get_logger("messaging.connection")


def inbox_prefix(user: str) -> str:
    """Where answers to a user arrive; its permissions allow no other inbox."""
    return f"_INBOX_{user}" if user else "_INBOX"


async def connect(url: str, user: str = "", password: str = "", name: str = "") -> Client:
    """Connect and wait until it stands. Lost connections are taken up again without limit."""
    client = Client()
    await client.connect(**_options(url, user, password, name))
    return client


class Connection:
    """Keeps a client connected in the background: `start`, then `await ready()` wherever one is needed."""

    def __init__(self, url: str, user: str = "", password: str = "", name: str = "") -> None:
        """Nothing is opened before `start`."""
        self._options = _options(url, user, password, name)
        self._client: Client | None = None
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect. Returns at once, whether or not the server is there."""
        self._task = asyncio.create_task(self._keep(), name="nats connection")

    @property
    def connected(self) -> bool:
        """Whether the server answers now."""
        return self._client is not None and self._client.is_connected

    async def ready(self) -> Client:
        """The connected client; waits for it."""
        while True:
            if self._client is not None and self._client.is_connected:
                return self._client
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Send what is buffered and disconnect."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._client is not None and not self._client.is_closed:
            if self._client.is_connected:
                with contextlib.suppress(nats.errors.Error, TimeoutError, OSError):
                    await self._client.flush(timeout=2)
            with contextlib.suppress(nats.errors.Error, OSError):  # the server may go away at the same time
                await self._client.close()

    async def _keep(self) -> None:
        """Connect, and again with a new client where nats-py gave one up (as it does on some protocol errors)."""
        while True:
            closed = asyncio.Event()

            async def on_closed(closed: asyncio.Event = closed) -> None:
                closed.set()

            async def on_disconnect() -> None:
                if not self._closing:
                    log.warning("nats disconnected", client=self._options["name"])

            self._client = Client()
            try:
                await self._client.connect(**self._options, closed_cb=on_closed, disconnected_cb=on_disconnect)
                await closed.wait()
            except (nats.errors.Error, OSError, TimeoutError) as error:
                log.warning("nats connection failed", error=str(error))
            await asyncio.sleep(RECONNECT_SECONDS)


def _options(url: str, user: str, password: str, name: str) -> dict[str, Any]:
    told: list[str] = []

    async def on_error(error: Exception) -> None:
        """A server that is away fails twice a second: the same error is told once."""
        text = str(error) or type(error).__name__
        if told != [text]:
            log.warning("nats", error=text, client=name)
        told[:] = [text]

    async def on_reconnect() -> None:
        told.clear()
        log.info("nats connected again", client=name)

    return {
        "servers": url.split(","),
        "user": user or None,
        "password": password or None,
        "name": name or user or None,
        "inbox_prefix": inbox_prefix(user),
        "allow_reconnect": True,
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": RECONNECT_SECONDS,
        "connect_timeout": 3,
        "ping_interval": PING_SECONDS,
        "max_outstanding_pings": 2,
        "pending_size": PENDING_BYTES,
        "error_cb": on_error,
        "reconnected_cb": on_reconnect,
    }
