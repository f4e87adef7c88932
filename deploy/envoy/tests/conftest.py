"""A real Envoy with the rendered configuration, in front of one small server that says what reached it."""

import asyncio
import json
import subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from muster import ports
from muster.envoy import program
from muster.gateway.render import Address, Gateway, render
from muster.services import SERVICES


@dataclass
class Edge:
    """The gateway's address and a session to call it with."""

    url: str
    session: aiohttp.ClientSession

    async def call(self, path: str, method: str = "GET", **arguments):
        async with self.session.request(method, f"{self.url}{path}", **arguments) as answer:
            text = await answer.text()
            return answer.status, answer.headers, json.loads(text) if text.startswith(("{", "[")) else text


def free_port() -> int:
    return ports.choose(set())


TRACES: list[bytes] = []
"""What gateways have sent of traces."""


async def echo(request: web.Request) -> web.StreamResponse:
    if request.path == "/v1/traces":
        TRACES.append(await request.read())
        return web.Response()
    if request.path.startswith("/v1/authenticate/"):
        if request.headers.get("x-api-key") == "slow":
            await asyncio.sleep(1)
        if request.headers.get("x-api-key") == "wrong":
            body = {"errors": [{"status": "401", "code": "unauthorized", "detail": "The key is not known."}]}
            return web.json_response(body, status=401, headers={"WWW-Authenticate": "Bearer"})
        return web.Response(headers={"X-Muster-Principal": f"token-for {request.method} {request.path_qs}"})
    if "sleep" in request.query:
        await asyncio.sleep(float(request.query["sleep"]))
    if request.path.startswith("/v1/notifications/stream"):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for number in range(3):
            await response.write(f"data: {number}\n\n".encode())
            await asyncio.sleep(0.4)
        return response
    size = len(await request.read())
    seen = {name.lower(): value for name, value in request.headers.items()}
    body = {"path": request.path_qs, "headers": seen, "size": size, "padding": "-" * int(request.query.get("pad", 0))}
    return web.json_response(body, headers={"X-Muster-Principal": "internal"})


async def ready(_request: web.Request) -> web.Response:
    return web.Response()


@pytest.fixture(scope="session")
async def upstream() -> AsyncGenerator[int, None]:
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_get("/readyz", ready)
    app.router.add_route("*", "/{path:.*}", echo)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield port
    await runner.cleanup()


@pytest.fixture(scope="session")
def settings(upstream: int, tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    folder = tmp_path_factory.mktemp("envoy")
    (folder / "openapi.json").write_text('{"openapi":"3.1.0"}')
    return Gateway(
        listen=Address("127.0.0.1", free_port()),
        services={name: Address("127.0.0.1", upstream) for name in SERVICES},
        openapi=str(folder / "openapi.json"),
        admin_socket=str(folder / "admin.sock"),
        check_seconds=1,
    )


@asynccontextmanager
async def run(settings: Gateway, folder: Path) -> AsyncGenerator[Edge, None]:
    path = folder / "envoy.yaml"
    path.write_text(render(settings))
    log = (folder / "envoy.log").open("wb")
    process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
        [program(), "-c", str(path), "--concurrency", "1", "--log-level", "error", "--disable-hot-restart"],
        stdout=log,
        stderr=log,
    )
    async with aiohttp.ClientSession() as session:
        edge = Edge(f"http://127.0.0.1:{settings.listen.port}", session)
        try:
            for _ in range(200):
                try:
                    await edge.call("/healthz")
                    break
                except aiohttp.ClientConnectorError:
                    assert process.poll() is None, (folder / "envoy.log").read_text()
                    await asyncio.sleep(0.05)
            yield edge
        finally:
            process.terminate()
            process.wait(10)
            log.close()


@pytest.fixture(scope="session")
async def gateway(settings: Gateway, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Edge, None]:
    async with run(settings, tmp_path_factory.mktemp("gateway")) as edge:
        yield edge


@pytest.fixture
def traces() -> list[bytes]:
    """What gateways have sent of traces until now, and send."""
    return TRACES


@pytest.fixture
def another(settings: Gateway, tmp_path: Path) -> Callable:
    """Run one more gateway with other settings."""

    def start(**changes):
        admin = str(tmp_path / "admin.sock")
        return run(replace(settings, listen=Address("127.0.0.1", free_port()), admin_socket=admin, **changes), tmp_path)

    return start
