"""Rows by batches, the next of which is read in a thread while one is worked on."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


async def batches(rows: Iterator[Item], size: int, *, passed: int = 0) -> AsyncGenerator[list[Item]]:
    """What `rows` gives after the first `passed` items, `size` at a time. To be closed by `contextlib.aclosing`."""

    def read(number: int) -> list[Item]:
        return list(islice(rows, number))

    if passed:
        await asyncio.to_thread(read, passed)
    reading = asyncio.create_task(asyncio.to_thread(read, size))
    try:
        while batch := await reading:
            reading = asyncio.create_task(asyncio.to_thread(read, size))
            yield batch
    finally:
        await reading
