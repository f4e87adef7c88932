"""The platform of docker-compose.yml, on a real engine, under a project name and with secrets of its own."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from testkit.servers import free_port

ROOT = Path(__file__).parents[2]
BUILD_SECONDS = 480
START_SECONDS = 240


def command() -> list[str]:
    """Compose v2 where it is installed, else docker-compose 1.29."""
    v2 = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    return ["docker", "compose"] if v2.returncode == 0 else ["docker-compose"]


@dataclass(frozen=True)
class Project:
    """A running compose project: its folder of secrets and the ports that it publishes."""

    home: Path
    environment: dict[str, str]
    words: list[str]

    @property
    def gateway(self) -> str:
        return self.environment["MUSTER_PUBLIC_URL"]

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.environment['MUSTER_CONSOLE_PORT']}"

    @property
    def admin(self) -> dict[str, str]:
        return json.loads((self.home / "admin.json").read_text())

    def run(self, *words: str, seconds: float = 60) -> str:
        """One compose command, which must end with 0."""
        done = subprocess.run(
            [*self.words, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{words[0]}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
        return done.stdout

    def down(self, *words: str) -> None:
        """Remove the containers, and the networks as far as the engine lets them go.

        An engine sometimes keeps a restarted container's endpoint for as long as it runs itself, and then refuses to
        remove a network that nothing uses (github.com/moby/moby/issues/42119); `up` takes such a network as it is.
        """
        try:
            self.run("down", *words, seconds=120)
        except AssertionError as refusal:
            if "has active endpoints" not in str(refusal) or docker("ps", "--all", "--quiet", "--filter", self.label):
                raise
        if "--volumes" in words and (left := docker("volume", "ls", "--quiet", "--filter", self.label).split()):
            docker("volume", "rm", *left)

    @property
    def label(self) -> str:
        return f"label=com.docker.compose.project={self.words[-1]}"

    @property
    def root(self) -> Path:
        return ROOT

    def containers(self) -> dict[str, dict]:
        """What the engine knows of every container, by its service's name; those that ended, too."""
        found = docker("ps", "--all", "--quiet", "--filter", self.label)
        known = json.loads(docker("inspect", *found.split()))
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in known}

    def processes(self, container: str) -> set[str]:
        """The users of a container's processes, as the host sees them."""
        return {line.split()[0] for line in docker("top", container, "-o", "uid,pid").splitlines()[1:]}

    def kill(self, container: str) -> None:
        """End every process of a container; as the engine's own `kill` it would not be started again."""
        subprocess.run(["docker", "exec", container, "sh", "-c", "kill -KILL -1"], capture_output=True, check=False)


def docker(*words: str) -> str:
    """One command of the engine, which must end with 0."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The platform, built and healthy; everything of it is removed at the end, the images stay."""
    home, port = tmp_path_factory.mktemp("compose"), free_port()
    environment = {
        **os.environ,
        "MUSTER_COMPOSE_HOME": str(home),
        "MUSTER_PORT": str(port),
        "MUSTER_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MUSTER_CONSOLE_PORT": str(free_port()),
    }
    project = Project(home, environment, [*command(), "--project-name", f"muster-{secrets.token_hex(4)}"])
    subprocess.run(
        [sys.executable, "-m", "muster.containers", "init"], env=environment, check=True, capture_output=True
    )
    try:
        project.run("build", seconds=BUILD_SECONDS)
        try:
            project.run("up", "--detach", seconds=START_SECONDS)
        except (AssertionError, subprocess.TimeoutExpired):
            sys.stderr.write(project.run("logs", "--no-color", "--tail", "15"))
            raise
        yield project
    finally:
        project.down("--volumes", "--timeout", "5")
