"""Argon2id with bounded concurrency (OWASP: 19 MiB, two passes), off the event loop."""

import asyncio
import contextlib
import os
import secrets
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from kernel import Unavailable

MEMORY_KIB = 19 * 1024
PASSES = 2
MOST_MEMORY_KIB = 64 * 1024
MOST_PASSES = 10
MOST_LANES = 4
LOWER_PRIORITY = 10

Result = TypeVar("Result")


class Hasher:
    """Hashes one password a core at a time; who waits longer than `deadline` seconds is sent away."""

    def __init__(self, deadline: float, cores: int | None = None) -> None:
        """`cores` is the size of the pool; by default the cores that this process may use."""
        size = cores or _cores()
        self.deadline = deadline
        self._argon2 = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="argon2", initializer=_give_way)
        self._free = asyncio.Semaphore(2 * size)  # one that runs and one that is next, so that no core waits for us
        self._decoy = self._argon2.hash(secrets.token_urlsafe())

    async def hashed(self, password: str) -> str:
        """The hash to keep. Raises Unavailable when the pool is busy for too long."""
        text = prepared(password)
        return await self._run(lambda: self._argon2.hash(text))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether `password` is the one that was kept. Costs the same when nothing was kept: a decoy is checked."""
        text, against = prepared(password), kept if kept and bounded(kept) else self._decoy
        return await self._run(lambda: self._verified(against, text)) and against is kept

    def outdated(self, kept: str) -> bool:
        """Whether a hash has lower parameters than today's."""
        return self._argon2.check_needs_rehash(kept)

    def _verified(self, kept: str, text: bytes) -> bool:
        try:
            return self._argon2.verify(kept, text)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], Result]) -> Result:
        try:
            async with asyncio.timeout(self.deadline):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable("Too many people sign in at this moment; try again.", retry_after=2) from None
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._free.release()


def prepared(password: str) -> bytes:
    """A password's bytes: composed, so that an accent typed on another keyboard is the same (RFC 8265)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def bounded(kept: str) -> bool:
    """Whether a hash's parameters are within what we spend on one check; imported ones may not be."""
    try:
        parameters = extract_parameters(kept)
    except InvalidHashError:
        return False
    return (
        parameters.memory_cost <= MOST_MEMORY_KIB
        and parameters.time_cost <= MOST_PASSES
        and parameters.parallelism <= MOST_LANES
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _give_way() -> None:
    """Let requests go before hashing where threads have priorities of their own (Linux)."""
    if sys.platform == "linux":
        own = threading.get_native_id()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, own, os.getpriority(os.PRIO_PROCESS, own) + LOWER_PRIORITY)
