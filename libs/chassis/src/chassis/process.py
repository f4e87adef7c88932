"""`python -m SERVICE web|worker|migrate`."""

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from importlib import import_module
from typing import Any

import uvicorn
from kernel import SettingsError, load

from chassis.app import make_runtime, working
from chassis.clients import http_client
from chassis.logs import configure
from chassis.settings import ServiceSettings
from chassis.telemetry import configure_tracing

STOP_WITHIN = 10


def main(service: str) -> None:
    """Run one role of a service; the role is the first argument."""
    roles: dict[str, Callable[[str], None]] = {"web": web, "worker": worker, "migrate": run_migrations}
    role = roles.get(sys.argv[1]) if len(sys.argv) == 2 else None  # noqa: PLR2004
    if role is None:
        sys.exit(f"usage: python -m {service} {'|'.join(roles)}")
    try:
        role(service)
    except SettingsError as error:
        sys.exit(f"{service}: {error}")


def web(service: str) -> None:
    """Serve HTTP until SIGTERM, which lets running requests end."""
    settings = load(import_module(f"{service}.settings").Settings)
    configure(service, settings.log_level)
    provider = configure_tracing(service, settings)
    uvicorn.run(
        import_module(f"{service}.main").create_app(settings),
        host=settings.listen_host,
        port=settings.listen_port,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    if provider:
        provider.shutdown()


def worker(service: str) -> None:
    """Relay, consume and run background tasks until SIGTERM."""
    settings = load(import_module(f"{service}.settings").Settings)
    configure(service, settings.log_level)
    provider = configure_tracing(service, settings)
    import_module("uvloop").run(_work(service, settings, import_module(f"{service}.worker")))
    if provider:
        provider.shutdown()


def run_migrations(service: str) -> None:
    """Bring the service's database to its newest schema."""
    from database.migrations import migrate  # noqa: PLC0415 the other roles do without Alembic

    settings = load(ServiceSettings)
    configure(service, settings.log_level)
    migrate(service, settings.database_url)


async def _work(service: str, settings: ServiceSettings, module: Any) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    runtime = make_runtime(service, settings)
    async with AsyncExitStack() as stack:
        runtime.http = await stack.enter_async_context(http_client())
        await stack.enter_async_context(working(runtime, module.consumers, module.background))
        await stopped.wait()
    await runtime.row.close()
    await runtime.engine.dispose()
