"""Real platforms, started and stopped by the command itself, each in a home of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import pytest
from muster import ports, reports, state
from muster.home import Home


@dataclass
class Runner:
    """The `muster` command for one home and port."""

    home: Path
    port: int

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "muster", *words],
            env={**os.environ, "MUSTER_HOME": str(self.home), "MUSTER_PORT": str(self.port), **variables},
            capture_output=True,
            text=True,
            timeout=320,
            check=False,
        )

    def up(self) -> None:
        done = self.run("up")
        assert done.returncode == 0, done.stderr

    def status(self) -> dict:
        return reports.status(Home(self.home))

    def pid(self, name: str) -> int:
        return self.status()["components"][name]["pid"]

    def wait_healthy(self, seconds: float) -> float:
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            if self.status()["healthy"]:
                return time.monotonic() - begin
            time.sleep(0.2)
        raise AssertionError(f"not healthy after {seconds} s: {self.status()}")

    def get(self, url: str, **headers: str) -> tuple[int, dict[str, str], str]:
        with urlopen(Request(url, headers=headers), timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()

    def processes(self) -> list[psutil.Process]:
        return state.orphans(Home(self.home))


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Runner]]:
    """Make a runner for a new home; what it started is stopped in the end."""
    made: list[Runner] = []

    def new(name: str) -> Runner:
        made.append(Runner(tmp_path_factory.mktemp(name) / "home", ports.choose(set())))
        return made[-1]

    yield new
    for runner in made:
        runner.run("down")


@pytest.fixture(scope="session")
def platform(make: Callable[[str], Runner]) -> Runner:
    """A platform that runs; a test may break it as long as it mends it."""
    runner = make("platform")
    runner.up()
    return runner
