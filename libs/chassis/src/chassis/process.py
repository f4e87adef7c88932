"""`python -m SERVICE web|worker|migrate`."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import uvicorn
from kernel import SettingsError, load
from litestar import Litestar

from chassis.app import build_worker
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
    _serve(service, lambda settings: import_module(f"{service}.main").create_app(settings))


def worker(service: str) -> None:
    """Relay, consume and run background tasks until SIGTERM; health and metrics are served beside."""

    def create(settings: ServiceSettings) -> Litestar:
        module = import_module(f"{service}.worker")
        return build_worker(service, settings, consumers=module.consumers, background=module.background)

    _serve(service, create)


def _serve(service: str, create: Callable[[Any], Litestar]) -> None:
    settings = load(import_module(f"{service}.settings").Settings)
    configure(service, settings.log_level)
    provider = configure_tracing(service, settings)
    uvicorn.run(
        create(settings),
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


def run_migrations(service: str) -> None:
    """Bring the service's database to its newest schema."""
    from database.migrations import migrate  # noqa: PLC0415 the other roles do without Alembic

    settings = load(ServiceSettings)
    configure(service, settings.log_level)
    migrate(service, settings.database_url)
