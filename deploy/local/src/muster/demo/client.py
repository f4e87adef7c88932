"""What the journey speaks with: the gateway, as one person after another, each call timed and shown."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
from rich.console import Console

WAIT_SECONDS = 60.0
TICK_SECONDS = 0.05
BUSY = (429, 503)
MOST_REPEATS = 8

Found = TypeVar("Found")


class StepFailed(Exception):
    """A step did not go as it should; the text says what was expected and what came."""


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]
    milliseconds: float

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of a document's resource."""
        return self.body["data"]["attributes"]

    @property
    def id(self) -> str:
        """The id of a document's resource."""
        return self.body["data"]["id"]


class Person:
    """Somebody at the gateway: nobody in particular until they have signed in."""

    def __init__(self, http: aiohttp.ClientSession, gateway: str) -> None:
        self.http = http
        self.gateway = gateway
        self.tokens: dict[str, Any] = {}

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One call. As any client would, it comes back when it is asked to, and refreshes an outdated token once."""
        if method != "GET":
            headers.setdefault("idempotency_key", secrets.token_hex(16))
        answer = await self.send(method, path, body, headers)
        for _ in range(MOST_REPEATS):
            if answer.status not in BUSY:
                break
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
            answer = await self.send(method, path, body, headers)
        if answer.status == 401 and self.tokens and "token-outdated" in str(answer.body):  # noqa: PLR2004
            await self.refresh()
            answer = await self.send(method, path, body, headers)
        return answer

    async def expect(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One call that must answer `status`. Raises StepFailed otherwise."""
        answer = await self.call(method, path, body, **headers)
        if answer.status != status:
            raise StepFailed(f"{method} {path}: {status} expected, {answer.status} came: {answer.body}")
        return answer

    async def sign_in(self, username: str, password: str) -> Answer:
        """Sign in and keep the tokens."""
        answer = await self.expect(201, "POST", "/v1/login/", {"username": username, "password": password})
        self.tokens = answer.body
        return answer

    async def refresh(self) -> None:
        """Take new tokens for the old ones."""
        answer = await self.send("POST", "/v1/refresh-token/", {"refresh-token": self.tokens["refresh-token"]}, {})
        if answer.status != 201:  # noqa: PLR2004
            raise StepFailed(f"the session could not be refreshed: {answer.status} {answer.body}")
        self.tokens = {**self.tokens, **answer.body}

    async def send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        """One call as it is, whatever it answers."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token := self.tokens.get("access-token"):
            sent["authorization"] = f"Bearer {token}"
        started = time.perf_counter()
        async with self.http.request(method, self.gateway + path, json=body, headers=sent) as answer:
            content = await answer.json(content_type=None) if "json" in answer.content_type else await answer.text()
            took = (time.perf_counter() - started) * 1000
            return Answer(answer.status, content, {k.lower(): v for k, v in answer.headers.items()}, took)


class Log:
    """Prints a line a step: its number, what was done, the last status, the time it took."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.number = 0

    async def step(self, title: str, action: Callable[[], Awaitable[tuple[Any, Found]]]) -> Found:
        """Run one step. It gives what to show as its status, and its result."""
        self.number += 1
        started = time.perf_counter()
        shown, found = await action()
        took = (time.perf_counter() - started) * 1000
        self.console.print(f"[dim]{self.number:>3}[/]  {title:<78} [green]{shown!s:>12}[/] {took:>8.0f} ms")
        return found

    def note(self, text: str) -> None:
        """A remark below a step."""
        self.console.print(f"     [dim]{text}[/]")


async def until(question: Callable[[], Awaitable[Found | None]], what: str) -> Found:
    """Ask again and again until there is an answer. Raises StepFailed after `WAIT_SECONDS`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        found = await question()
        if found is not None:
            return found
        await asyncio.sleep(TICK_SECONDS)
    raise StepFailed(f"{what}: not seen within {WAIT_SECONDS:.0f} s")
