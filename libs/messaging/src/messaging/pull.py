"""Reading from a pull consumer: one open request at a time, with heartbeats that show a stall.

nats-py's `fetch` gathers a batch before it returns and shows no heartbeat; here each message is handed on when it
arrives and a silent server is noticed within `STALL_SECONDS`.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable

from nats.aio.client import Client
from nats.aio.msg import Msg

EXPIRES_SECONDS = 5.0
HEARTBEAT_SECONDS = 1.0
STALL_SECONDS = 3.0
_NANOSECONDS = 1_000_000_000
_HEARTBEAT = "100"
_OVER = ("404", "408")


class Stalled(Exception):
    """The consumer gives nothing any more: it is gone, or the server is silent. Set it up again."""


async def pull(
    nats: Client,
    stream: str,
    consumer: str,
    deliver: Callable[[Msg], None],
    room: Callable[[], Awaitable[int]],
    heard: Callable[[], None] = lambda: None,
) -> None:
    """Hand each message of a consumer to `deliver` until something is wrong, then raise Stalled.

    `room` waits until messages may come and says how many; `heard` is called for each sign of life.
    """
    inbox = nats.new_inbox()
    arrived: asyncio.Queue[Msg] = asyncio.Queue()

    async def put(message: Msg) -> None:
        arrived.put_nowait(message)

    subscription = await nats.subscribe(f"{inbox}.*", cb=put)
    turn = 0
    try:
        while True:
            wanted = await room()
            turn += 1
            reply = f"{inbox}.{turn}"
            await nats.publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}", _request(wanted), reply)
            await _answer(arrived, reply, wanted, deliver, heard)
    finally:
        if not nats.is_closed:
            await subscription.unsubscribe()


async def _answer(
    arrived: asyncio.Queue[Msg], reply: str, wanted: int, deliver: Callable[[Msg], None], heard: Callable[[], None]
) -> None:
    """Take what comes for one request, until it is filled or over."""
    while wanted:
        message = await _next(arrived)
        heard()
        if message.reply.startswith("$JS.ACK."):
            wanted -= 1
            deliver(message)
            continue
        status = (message.headers or {}).get("Status", "")
        if message.subject != reply or status == _HEARTBEAT:
            continue
        if status in _OVER:
            return
        raise Stalled(f"{status} {(message.headers or {}).get('Description', '')}".strip())


async def _next(arrived: asyncio.Queue[Msg]) -> Msg:
    """The next message. Raises Stalled after two silent waits.

    After one, it may be this process that was not let run: what the server sent meanwhile is read between the two.
    """
    for _ in range(2):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STALL_SECONDS / 2):
                return await arrived.get()
    raise Stalled("no sign of life")


def _request(batch: int) -> bytes:
    return json.dumps(
        {
            "batch": batch,
            "expires": int(EXPIRES_SECONDS * _NANOSECONDS),
            "idle_heartbeat": int(HEARTBEAT_SECONDS * _NANOSECONDS),
        }
    ).encode()
