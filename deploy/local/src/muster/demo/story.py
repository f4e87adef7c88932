"""What the steps learn and pass on."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from muster.demo.client import Log, Person
from muster.home import Home

ABREAST = 8
PASSWORD = "correct-horse-battery-staple-%s"  # noqa: S105 - the demo's people need one


@dataclass
class Story:
    """What the steps learn and pass on."""

    home: Home
    gateway: str
    console: str
    http: aiohttp.ClientSession
    log: Log
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    operator: Person = field(init=False)
    patient: Person = field(init=False)
    organization_id: str = ""
    code: str = ""
    groups: dict[str, str] = field(default_factory=dict[str, str])
    staff: dict[str, str] = field(default_factory=dict[str, str])
    individuals: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    cohort: str = ""
    trace_id: str = ""

    def __post_init__(self) -> None:
        self.operator = Person(self.http, self.gateway)
        self.patient = Person(self.http, self.gateway)

    @property
    def patient_email(self) -> str:
        """Where the person of this run receives mail."""
        return f"rosa.{self.run}@mail.example"


def document(kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """A JSON:API document of a new resource or an action."""
    return {"data": {"type": kind, "attributes": attributes}}


async def abreast(actions: list[Callable[[], Awaitable[None]]], at_once: int = ABREAST) -> None:
    """Run actions, a few at a time."""
    room = asyncio.Semaphore(at_once)

    async def limited(action: Callable[[], Awaitable[None]]) -> None:
        async with room:
            await action()

    await asyncio.gather(*(limited(action) for action in actions))
