"""The servers of the suites, taken from a container engine."""

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import docker
import nats
import pytest
from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID
from testkit import containers

pytestmark = pytest.mark.containers

ROOT = Path(__file__).parents[3]


def left() -> list[str]:
    client = docker.from_env()
    try:
        found = client.containers.list(all=True, filters={"label": f"{LABEL_SESSION_ID}={SESSION_ID}"})
        return [container.name for container in found]
    finally:
        client.close()


async def test_postgres_answers_and_is_removed() -> None:
    with containers.postgres() as url:
        connection = await asyncpg.connect(url)
        assert (await connection.fetchval("SHOW server_version")).startswith("18")
        await connection.close()
        assert len(left()) == 1
    assert left() == []


async def test_nats_keeps_messages_and_is_removed() -> None:
    with containers.nats() as url:
        client = await nats.connect(url)
        await client.jetstream().add_stream(name="KEPT", subjects=["kept"])
        assert (await client.jetstream().publish("kept", b"one")).seq == 1
        await client.close()
    assert left() == []


def test_a_services_suite_passes_on_containers() -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "services/authz"]
    environment = {**os.environ, "MUSTER_TEST_SERVERS": "containers"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=400)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
