"""The same servers from a container engine, by testcontainers.

Each is removed when its block ends. The library's own reaper would need one more image, so it is left out unless
TESTCONTAINERS_RYUK_DISABLED=false asks for it: it removes what a killed test run leaves behind.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import ExecWaitStrategy, LogMessageWaitStrategy

POSTGRES_IMAGE = "postgres:18"
NATS_IMAGE = "nats:2"
START_SECONDS = 60

testcontainers_config.ryuk_disabled = os.environ.get("TESTCONTAINERS_RYUK_DISABLED", "true") != "false"


@contextmanager
def postgres() -> Iterator[str]:
    """The address of PostgreSQL in a container of its own."""
    # by TCP: while it makes its data it answers on its socket only
    ready = ExecWaitStrategy(["pg_isready", "--host=127.0.0.1", "--username=postgres"])
    container = (
        DockerContainer(POSTGRES_IMAGE)
        .with_env("POSTGRES_PASSWORD", "postgres")
        .with_command("postgres -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200")
        .with_exposed_ports(5432)
        .waiting_for(ready.with_startup_timeout(START_SECONDS))
    )
    with container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(5432)
        yield f"postgresql://postgres:postgres@{host}:{port}/postgres"


@contextmanager
def nats() -> Iterator[str]:
    """The address of nats-server with JetStream in a container of its own."""
    container = (
        DockerContainer(NATS_IMAGE)
        .with_command("-js")
        .with_exposed_ports(4222)
        .waiting_for(LogMessageWaitStrategy("Server is ready").with_startup_timeout(START_SECONDS))
    )
    with container:
        yield f"nats://{container.get_container_host_ip()}:{container.get_exposed_port(4222)}"
