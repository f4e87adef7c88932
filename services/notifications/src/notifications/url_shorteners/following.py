"""Where codes lead: those that are asked for while a look is under way are looked up together, by the next one.

One statement a code would cost more than everything else that a redirect takes.
"""

import asyncio
import re
from uuid import UUID

from chassis.runtime import Runtime
from kernel import NotFound

from notifications.url_shorteners.commands import ALPHABET, LENGTH

CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
TARGETS = "SELECT code, id, netloc, full_path FROM url_shorteners WHERE code = ANY($1::text[]) AND expires_at > now()"

Target = tuple[UUID, str]
"""Whose code it is, and where it leads."""


class Targets:
    """Looks codes up. Every answer is read after it was asked for."""

    def __init__(self, runtime: Runtime) -> None:
        """Nothing is asked for yet."""
        self._runtime = runtime
        self._waiting: dict[str, list[asyncio.Future[Target | None]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def of(self, code: str) -> Target:
        """The target of a code. Raises NotFound for one unknown or expired, Unavailable without the database."""
        target = await self._asked(code) if CODE.fullmatch(code) else None
        if target is None:
            raise NotFound("There is no such address, or no more.")
        return target

    async def _asked(self, code: str) -> Target | None:
        answer: asyncio.Future[Target | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(code, []).append(answer)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="targets of short addresses")
        return await answer

    async def _look(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                try:
                    rows = await self._runtime.row.all(TARGETS, list(waiting))
                except Exception as error:  # noqa: BLE001 each of those who wait is told
                    _tell(waiting, {}, error)
                else:
                    _tell(waiting, {row[0]: (row[1], f"https://{row[2]}{row[3]}") for row in rows}, None)
        finally:
            self._looking = None


def _tell(
    waiting: dict[str, list[asyncio.Future[Target | None]]], found: dict[str, Target], error: Exception | None
) -> None:
    for code, answers in waiting.items():
        for answer in answers:
            if answer.done():  # its request is over
                continue
            if error is None:
                answer.set_result(found.get(code))
            else:
                answer.set_exception(error)


def targets_of(runtime: Runtime) -> Targets:
    """The process's own."""
    return runtime.extras.get("targets") or runtime.extras.setdefault("targets", Targets(runtime))
