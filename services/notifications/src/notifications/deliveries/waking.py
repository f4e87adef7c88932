"""Waking the dispatcher of this process when there is something new to send."""

import asyncio
from weakref import WeakSet

_waiting: "WeakSet[asyncio.Event]" = WeakSet()


def waker() -> asyncio.Event:
    """An event that is set whenever a delivery was committed in this process."""
    made = asyncio.Event()
    _waiting.add(made)
    return made


def wake(_: object = None) -> None:
    """There is something new. The argument is what an event of the session passes."""
    for waiting in _waiting:
        waiting.set()
