"""A small HTTP client for measurements: keep-alive connections, one request after another on each.

It understands answers with a content-length and nothing else, so that it costs little beside the server it measures.
"""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True)
class Result:
    """What a run showed: requests a second, and every latency in seconds, sorted."""

    rate: float
    latencies: list[float]
    statuses: set[int]

    def quantile(self, share: float) -> float:
        """The latency that `share` of the requests did not exceed, in seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


class Connection(asyncio.Protocol):
    """One connection: one request after another."""

    def __init__(self) -> None:
        self.buffer = b""
        self.waiter: asyncio.Future[int] | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.waiter and not self.waiter.done():
            self.waiter.set_exception(exc or ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(HEAD_END)
        if end < 0:
            return
        head = self.buffer[:end].lower()
        at = head.find(LENGTH)
        length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) >= end + 4 + length and self.waiter:
            status = int(self.buffer[9:12])
            self.buffer = self.buffer[end + 4 + length :]
            self.waiter.set_result(status)

    async def request(self, raw: bytes) -> int:
        self.waiter = asyncio.get_running_loop().create_future()
        self.transport.write(raw)
        return await self.waiter

    @classmethod
    async def open(cls, host: str, port: int) -> Self:
        _, made = await asyncio.get_running_loop().create_connection(cls, host, port)
        return made


def request(method: str, path: str, port: int, *, token: str = "", body: bytes = b"", headers: str = "") -> bytes:
    """The bytes of one request. `headers` are further lines, each ended by CRLF."""
    credential = f"Authorization: Bearer {token}\r\n" if token else ""
    content = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{credential}{content}{headers}\r\n"
    return head.encode() + body


async def load(
    port: int, raw: bytes | Sequence[bytes], *, connections: int = 16, seconds: float = 3.0, warm: float = 0.5
) -> Result:
    """Send `raw` again and again on each of `connections` for `seconds`, after a warm-up; several take turns."""
    following = itertools.cycle([raw] if isinstance(raw, bytes) else raw)
    opened = [await Connection.open("127.0.0.1", port) for _ in range(connections)]
    begins = time.perf_counter() + warm
    ends = begins + seconds
    latencies: list[float] = []
    statuses: set[int] = set()

    async def repeat(connection: Connection) -> None:
        while (started := time.perf_counter()) < ends:
            status = await connection.request(next(following))
            if started >= begins:
                latencies.append(time.perf_counter() - started)
                statuses.add(status)

    await asyncio.gather(*map(repeat, opened))
    for connection in opened:
        connection.transport.close()
    return Result(len(latencies) / seconds, sorted(latencies), statuses)
