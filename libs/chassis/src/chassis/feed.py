"""What a process learns from the others: identity's keys and ended sessions, and its own consumers."""

import asyncio
from collections.abc import Callable
from typing import Any

from contracts.identity import ApiKeyRevoked, OAuth2ClientDeleted, SessionEnded, TokensOutdated, UserDisabled
from kernel import Unavailable, now
from messaging.incoming import Consumers
from messaging.service import Messaging
from messaging.tail import Entry

from chassis.clients import SLOW_DEADLINE, call
from chassis.revocations import LONGEST_LIFE
from chassis.runtime import Runtime
from chassis.tokens import FetchKeys

HEARD_WITHIN = 10.0
LOOK_EVERY = 1.0

ConsumersOrFactory = Consumers | Callable[[Runtime], Consumers] | None
"""A service's table of consumers, or a function that makes it for those that need the process's connections."""


def keys_from_identity(runtime: Runtime) -> FetchKeys:
    """Fetches identity's key set over HTTP."""

    async def fetch() -> dict[str, Any]:
        url = f"{runtime.common.identity_url}/.well-known/jwks.json"
        status, keys, _ = await call(runtime, "GET", url, token=None, deadline=SLOW_DEADLINE)
        if status != 200:  # noqa: PLR2004
            raise Unavailable(f"identity answered {status} to the request for its keys.")
        return keys

    return fetch


async def follow_revocations(runtime: Runtime) -> None:
    """Keep up with ended sessions for as long as the process runs."""

    async def take_in(entries: list[Entry]) -> None:
        for entry in entries:
            if entry.event is not None:
                runtime.revocations.apply(entry.event)

    kinds = [SessionEnded, ApiKeyRevoked, OAuth2ClientDeleted, UserDisabled, TokensOutdated]
    followed = await runtime.messaging.tail("identity", kinds, take_in, since=now() - LONGEST_LIFE)
    await followed.caught_up.wait()
    while True:
        if followed.silence < HEARD_WITHIN:
            runtime.revocations.touch()
        await asyncio.sleep(LOOK_EVERY)


def messaging(runtime: Runtime, consumers: ConsumersOrFactory, *, worker: bool) -> Messaging:
    """The process's connection to the streams; with `worker` it publishes the outbox and handles events."""
    settings = runtime.common
    return Messaging(
        runtime.name,
        database_url=settings.database_url,
        sessions=runtime.sessions,
        nats_url=settings.nats_url,
        nats_user=settings.nats_user,
        nats_password=settings.nats_password,
        consumers=consumers(runtime) if callable(consumers) else consumers,
        worker=worker,
        replicas=settings.stream_replicas,
    )
