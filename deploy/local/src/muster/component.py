"""One process of the platform: what it runs, how it is asked for its health, how it is stopped."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from muster import files
from muster.errors import RunnerError
from muster.home import Home
from muster.state import MARK

Check = Callable[[], Awaitable[bool]]

NOT_INHERITED = frozenset({"MUSTER_HOME", "MUSTER_PORT", "PYTHONDONTWRITEBYTECODE"})


async def nothing() -> None:
    """Do nothing before a start or a stop."""


@dataclass
class Component:
    """A process that is kept running. `ready` gates the start; `alive` failing again and again restarts it."""

    name: str
    command: list[str]
    ready: Check
    alive: Check
    environment: dict[str, str] = field(default_factory=dict)
    port: int | None = None
    account: str | None = None
    drain: Callable[[], Awaitable[None]] = nothing
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15
    attempts: int = 1
    start_seconds: float = 60
    telling: tuple[str, ...] = ("Error", "error", "FATAL", "critical")
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    log_start: int = 0
    state: str = "stopped"
    since: float = 0.0


def inherited() -> dict[str, str]:
    """The caller's environment without what would steer the platform's own processes elsewhere, or slow their start."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return {**kept, "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


def spawn(home: Home, component: Component) -> None:
    """Start the process in a session of its own, its output appended to its log."""
    with home.log(component.name).open("ab") as log:
        component.log_start = log.tell()
        component.process = subprocess.Popen(  # noqa: S603 - our own commands
            component.command,
            env={**inherited(), **component.environment, MARK: str(home.path)},
            cwd=home.path,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=component.account,
        )
    component.since = time.monotonic()
    component.state = "starting"


def exited(component: Component) -> bool:
    """Whether the process has ended (and is no zombie of ours any more)."""
    return component.process is None or component.process.poll() is not None


async def run_once(home: Home, name: str, command: list[str], environment: dict[str, str]) -> None:
    """Run a command to its end. Raises RunnerError with the last line it wrote when it fails."""
    component = Component(name, command, ready=_never, alive=_never, environment=environment)
    spawn(home, component)
    status = await asyncio.to_thread(component.process.wait) if component.process else 0
    if status:
        raise RunnerError(failure(home, component, f"ended with status {status}"))


async def _never() -> bool:
    return False


async def start(home: Home, component: Component, changed: Callable[[], None]) -> None:
    """Start and wait until ready; try again up to `attempts` times. Raises RunnerError when it stays down."""
    for attempt in range(component.attempts):
        spawn(home, component)
        changed()
        deadline = time.monotonic() + component.start_seconds
        while not exited(component) and time.monotonic() < deadline:
            if await component.ready():
                component.state = "healthy"
                changed()
                return
            await asyncio.sleep(0.05)
        if not exited(component):
            await stop(component)
            raise RunnerError(failure(home, component, f"was not ready after {component.start_seconds:.0f} s"))
        await asyncio.sleep(min(0.5 * (attempt + 1), 1.5))
    raise RunnerError(failure(home, component, "did not start"))


def failure(home: Home, component: Component, what: str) -> str:
    """One line on a process that failed, with the line of its log that tells most."""
    log = home.log(component.name)
    lines = files.recent(log, component.log_start)
    if any("No space left on device" in line for line in lines):
        return f"{component.name} {what}: {files.disk_full(home.path)}"
    return f"{component.name} {what}: {files.telling(lines, component.telling) or 'it wrote nothing'} (log: {log})"


async def stop(component: Component) -> None:
    """Drain, ask to end, and end by force what has not ended in time."""
    if not exited(component):
        with contextlib.suppress(OSError, aiohttp.ClientError, TimeoutError):
            await component.drain()
        await end(component)
    component.state = "stopped"


async def end(component: Component, patience: float = 60) -> None:
    """Send the stop signal, wait for at most `patience` seconds, then kill."""
    process = component.process
    if process is None:
        return
    wait = min(component.stop_seconds, patience)
    for number, seconds in ((component.stop_signal, wait), (signal.SIGKILL, 10.0)):
        if process.poll() is None:
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, seconds)


def http_check(session: aiohttp.ClientSession, url: str, seconds: float = 2) -> Check:
    """A check that holds when the URL answers 200."""

    async def check() -> bool:
        try:
            async with session.get(url, timeout=aiohttp.ClientTimeout(total=seconds)) as answer:
                return answer.status == 200  # noqa: PLR2004 - OK
        except (OSError, aiohttp.ClientError, TimeoutError):
            return False

    return check


def program(name: str) -> str:
    """A program that a wheel put beside this Python. Raises RunnerError when it is not installed."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise RunnerError(f"{path} is missing: run `make install`")
    return str(path)
