"""What docker-compose.yml needs beside images: `init` on the host; `documents` and `console` inside containers."""

import asyncio
import hashlib
import json
import os
import signal
from pathlib import Path

import aiohttp
import click

from muster import home as homes
from muster.console import console as run_console
from muster.errors import RunnerError
from muster.gateway import openapi
from muster.home import Home
from muster.services import CONSUMES, SERVICES

SERVICE_PORT = 8000
CONSOLE_PORT = 8025
SMTP_PORT = 2525
STATE = Path("/var/lib/muster")
"""Where the images keep what they write; every folder below it is a volume."""


@click.group(help="What docker-compose.yml needs beside images.")
def cli() -> None:
    """The commands below."""


@cli.command()
def init() -> None:
    """Make secrets and configurations in $MUSTER_COMPOSE_HOME (.muster-compose); what is there stays as it is."""
    home = Home(Path(os.environ.get("MUSTER_COMPOSE_HOME") or ".muster-compose").expanduser().resolve())
    home.path.mkdir(parents=True, exist_ok=True)
    home.path.chmod(0o700)  # what is inside is readable for every user of a container, but nobody else gets here
    for name, text in files_of(home).items():
        write(home.path / name, text)
    click.echo(f"Secrets and configurations are in {home.path}; the operator's account is in admin.json there.")


def files_of(home: Home) -> dict[str, str]:
    """The text of every file that is mounted into a container, by its path below the home."""
    from messaging import permissions  # noqa: PLC0415 - not in the containers' commands

    secrets, admin = homes.load_secrets(home), homes.load_admin(home)
    digests = {name: hashlib.sha512(secret.encode()).hexdigest() for name, secret in secrets["services"].items()}
    nats = permissions.server_config(
        CONSUMES, secrets["nats"], store="/data", listen="0.0.0.0:4222", monitor="0.0.0.0:8222"
    )
    made = {
        "secrets/postgres-password": secrets["postgres"],
        "secrets/master-key": secrets["master_key"],
        "secrets/service-digests": json.dumps(digests),
        "secrets/admin-email": admin["email"],
        "secrets/admin-password": admin["password"],
        "secrets/nats.conf": nats,
        "envoy.yaml": gateway(),
    }
    for name in SERVICES:
        password = secrets["databases"][name]
        made |= {
            f"secrets/{name}-database-url": f"postgresql://{name}:{password}@postgres:5432/{name}",
            f"secrets/{name}-nats-password": secrets["nats"][name],
            f"secrets/{name}-secret": secrets["services"][name],
        }
    return made


def gateway() -> str:
    """Envoy's configuration: services by their names, the console as the receiver of traces."""
    from muster.gateway.render import Address, Gateway, render  # noqa: PLC0415 - the template is not in the images

    settings = Gateway(
        listen=Address("0.0.0.0", 8080),  # noqa: S104 - inside a container
        services={name: Address(name, SERVICE_PORT) for name in SERVICES},
        openapi=str(STATE / "gateway" / "openapi.json"),
        admin_socket="/tmp/admin.sock",  # noqa: S108 - a tmpfs of the container's own
        docs="/etc/envoy/docs",
        traces=Address("console", CONSOLE_PORT),
        trace_ratio=float(os.environ.get("MUSTER_TRACE_RATIO", "1")),
        cors_origins=tuple(filter(None, os.environ.get("MUSTER_CORS_ORIGINS", "").split(","))),
    )
    return render(settings)


def write(path: Path, text: str) -> None:
    """Write one file, readable for containers' users. An unchanged one stays: a running container has it mounted."""
    path.parent.mkdir(exist_ok=True)
    if path.parent.name == "secrets":
        path.parent.chmod(0o755)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


@cli.command()
def documents() -> None:
    """Merge the services' OpenAPI documents into the one that the gateway serves."""
    text = json.dumps(asyncio.run(merged()), separators=(",", ":"))
    (STATE / "gateway" / "openapi.json").write_text(text, encoding="utf-8")


async def merged() -> openapi.Document:
    """One document of five. Raises RunnerError where a service does not answer."""
    addresses = {name: f"http://{name}:{SERVICE_PORT}" for name in SERVICES}
    async with aiohttp.ClientSession() as session:
        return openapi.merge(await openapi.fetch(session, addresses))


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
    async with run_console(Home(STATE / "console"), ports, "0.0.0.0", names):  # noqa: S104 - inside a container
        await stopped.wait()


if __name__ == "__main__":
    try:
        cli()
    except (RunnerError, OSError) as error:
        raise SystemExit(f"muster: {error}") from error
