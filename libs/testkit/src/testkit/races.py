"""Many at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")

CONTENDERS = 16


async def race(attempt: Callable[[int], Awaitable[Result]], contenders: int = CONTENDERS) -> list[Result]:
    """Run `attempt(0)`, `attempt(1)` … together and give all results."""
    return list(await asyncio.gather(*(attempt(number) for number in range(contenders))))
