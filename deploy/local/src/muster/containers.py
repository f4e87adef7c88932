"""Muster in containers: `init` makes secrets on the host; `gateway` and `console` run inside the console's image."""

import asyncio
import hashlib
import json
import os
import shutil
import signal
import time
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import click

from muster import envoy
from muster import home as homes
from muster.console import console as run_console
from muster.errors import RunnerError
from muster.gateway import openapi, render
from muster.gateway.render import Address, Gateway
from muster.home import Home
from muster.services import CONSUMES, SERVICES

SERVICE_PORT = 8000
GATEWAY_PORT = 8080
CONSOLE_PORT = 8025
SMTP_PORT = 2525
EVERYWHERE = "0.0.0.0"  # noqa: S104 - inside a container
STATE = Path("/var/lib/muster")
"""Where the images keep what they write; every folder below it is a volume."""
WAIT_SECONDS = 300


@click.group(help="Muster in containers: compose and Kubernetes.")
def cli() -> None:
    """The commands below."""


@cli.command()
def init() -> None:
    """Make secrets in $MUSTER_COMPOSE_HOME (.muster-compose); what is there stays as it is."""
    home = Home(Path(os.environ.get("MUSTER_COMPOSE_HOME") or ".muster-compose").expanduser().resolve())
    folder = home.path / "secrets"
    folder.mkdir(parents=True, exist_ok=True)
    # a container's user reads the files, which are mounted one by one; on this machine nobody else gets into the home
    home.path.chmod(0o700)
    folder.chmod(0o755)
    for name, text in secrets_of(home).items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
    click.echo(f"Secrets are in {folder}; the operator's account is in {home.path / 'admin.json'}.")


def secrets_of(home: Home) -> dict[str, str]:
    """Every file that a container needs, by its name."""
    from messaging import permissions  # noqa: PLC0415 - takes a second, and is not for the containers' commands

    secrets, admin = homes.load_secrets(home), homes.load_admin(home)
    digests = {name: hashlib.sha512(secret.encode()).hexdigest() for name, secret in secrets["services"].items()}
    made = {
        "postgres-password": secrets["postgres"],
        "master-key": secrets["master_key"],
        "webhook-key": secrets["webhook_key"],
        "service-digests": json.dumps(digests),
        "admin-email": admin["email"],
        "admin-password": admin["password"],
        "nats.conf": permissions.server_config(
            CONSUMES, secrets["nats"], store="/data", listen=f"{EVERYWHERE}:4222", monitor=f"{EVERYWHERE}:8222"
        ),
    }
    for name in SERVICES:
        password = secrets["databases"][name]
        made |= {
            f"{name}-database-url": f"postgresql://{name}:{password}@postgres:5432/{name}",
            f"{name}-nats-password": secrets["nats"][name],
            f"{name}-secret": secrets["services"][name],
        }
    return made


@cli.command()
def gateway() -> None:
    """Write what Envoy reads: its configuration, the pages of /docs and the merged document of running services."""
    folder = STATE / "gateway"
    shutil.copytree(render.FOLDER / "docs", folder / "docs", dirs_exist_ok=True)
    (folder / "envoy.yaml").write_text(render.render(gateway_settings(folder)), encoding="utf-8")
    document = asyncio.run(merged())
    (folder / "openapi.json").write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")


def gateway_settings(folder: Path) -> Gateway:
    """The gateway before services found by their names. Raises RunnerError for a variable that is no number."""
    traces = urlsplit(os.environ.get("MUSTER_OTLP_URL", ""))
    return Gateway(
        listen=Address(EVERYWHERE, GATEWAY_PORT),
        services={name: Address(name, SERVICE_PORT) for name in SERVICES},
        openapi=str(folder / "openapi.json"),
        admin_socket="/tmp/admin.sock",  # noqa: S108 - a tmpfs of the container's own
        docs=str(folder / "docs"),
        traces=Address(traces.hostname, traces.port or 80) if traces.hostname else None,
        trace_ratio=envoy.number("MUSTER_TRACE_RATIO", 0.1, 0, 1),
        cors_origins=tuple(filter(None, os.environ.get("MUSTER_CORS_ORIGINS", "").split(","))),
        requests_per_second=int(envoy.number("MUSTER_RATE_LIMIT", 20_000, 1, 10_000_000)),
        trusted_hops=int(envoy.number("MUSTER_TRUSTED_HOPS", 0, 0, 16)),
    )


async def merged() -> openapi.Document:
    """One document of five; waits for services that start. Raises RunnerError where one does not answer in time."""
    addresses = {name: f"http://{name}:{SERVICE_PORT}" for name in SERVICES}
    deadline = time.monotonic() + WAIT_SECONDS
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                return openapi.merge(await openapi.fetch(session, addresses))
            except RunnerError:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(1)


@cli.command("console")
def console_command() -> None:
    """Take mail and traces, and show them, until SIGTERM."""
    asyncio.run(serve())


async def serve() -> None:
    """Run the console on every address of the container."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    names = frozenset({"127.0.0.1", "localhost", "[::1]", "console"})
    ports = {"console": CONSOLE_PORT, "smtp": SMTP_PORT}
    async with run_console(Home(STATE / "console"), ports, EVERYWHERE, names):
        await stopped.wait()


if __name__ == "__main__":
    try:
        cli()
    except (RunnerError, OSError) as error:
        raise SystemExit(f"muster: {error}") from error
