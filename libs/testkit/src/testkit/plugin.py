"""Servers for a whole pytest run, shared by its workers. Registered with pytest as a plugin.

MUSTER_TEST_SERVERS=containers takes PostgreSQL and NATS from testcontainers instead of the wheels.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from testkit import containers, servers


def pytest_configure() -> None:
    """Logs of services under test as plain lines: the colourful tracebacks of structlog's default take seconds each."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def postgres_url(run_folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL server, as its superuser."""
    if os.environ.get("MUSTER_TEST_SERVERS") == "containers":
        with containers.postgres() as url:
            yield url
        return
    with servers.shared(run_folder, "postgres", servers.postgres) as url:
        yield url


@pytest.fixture(scope="session")
def nats_url(run_folder: Path) -> Iterator[str]:
    """The address of a nats-server with JetStream and no accounts."""
    if os.environ.get("MUSTER_TEST_SERVERS") == "containers":
        with containers.nats() as url:
            yield url
        return
    with servers.shared(run_folder, "nats", servers.nats) as url:
        yield url
