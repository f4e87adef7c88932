"""What a service answers to others: requests to publish again, to take up parked events, and to look for new rows."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from messaging.connection import Connection
from messaging.control import Answer, RetryWanted
from messaging.republish import Wanted, republish

CHECK_SECONDS = 0.5
log = structlog.get_logger("messaging.owner")


async def serve(
    service: str,
    database_url: str,
    connection: Connection,
    wake: Callable[[], None],
    retry: Callable[[RetryWanted], Awaitable[int]],
) -> None:
    """Answer `ctl.<service>.*` until cancelled; of several replicas one answers each request."""

    async def on_republish(message: Msg) -> None:
        async def work(client: Client) -> Answer:
            done = await republish(database_url, client, wanted=msgspec.json.decode(message.data, type=Wanted))
            return Answer(count=done.count, oldest=done.oldest)

        await _answered(message, connection, work)

    async def on_retry(message: Msg) -> None:
        async def work(client: Client) -> Answer:
            del client
            return Answer(count=await retry(msgspec.json.decode(message.data, type=RetryWanted)))

        await _answered(message, connection, work)

    async def on_wake(message: Msg) -> None:
        del message
        wake()

    while True:
        client = await connection.ready()
        with contextlib.suppress(nats.errors.Error, OSError):
            await client.subscribe(f"ctl.{service}.republish", queue="owner", cb=on_republish)
            await client.subscribe(f"ctl.{service}.retry", queue="owner", cb=on_retry)
            await client.subscribe(f"ctl.{service}.wake", cb=on_wake)
            while not client.is_closed:
                await asyncio.sleep(CHECK_SECONDS)


async def _answered(message: Msg, connection: Connection, work: Callable[[Client], Awaitable[Answer]]) -> None:
    try:
        answer = await work(await connection.ready())
    except Exception as error:
        log.exception("request failed", subject=message.subject)
        answer = Answer(error=f"{type(error).__name__}: {error}")
    with contextlib.suppress(nats.errors.Error):
        await message.respond(msgspec.json.encode(answer))
