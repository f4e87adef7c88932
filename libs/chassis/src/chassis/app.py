"""How a service is put together."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import structlog
from database import Rows, engine, session_maker
from jsonapi import StrictBody
from kernel import DomainError
from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig

from chassis import feed, health, idempotency, outside
from chassis.api_keys import ApiKeys
from chassis.clients import InternalTokens, ask_identity, http_client
from chassis.documents import openapi_route
from chassis.errors import HANDLERS
from chassis.object_routes import object_routes
from chassis.objects import Objects
from chassis.permissions import guarded
from chassis.request import WholeRequest
from chassis.revocations import Revocations
from chassis.runtime import Runtime
from chassis.sessions import provide_principal, provide_runtime, provide_session
from chassis.settings import ServiceSettings
from chassis.telemetry import observed
from chassis.tokens import FetchKeys, Verifier

LARGEST_BODY = 1024 * 1024
SWEEP_EVERY = 3600.0
RETRY_AFTER = 1.0

Task = Callable[[Runtime], Awaitable[None]]
"""Something that runs beside the requests until it is cancelled."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

log = structlog.get_logger("chassis.app")


def build(
    name: str,
    settings: ServiceSettings,
    *,
    routes: Sequence[Any],
    consumers: feed.ConsumersOrFactory = None,
    fetch_keys: Callable[[Runtime], FetchKeys] | None = None,
    on_start: Sequence[Task] = (),
    background: Sequence[Task] = (),
    tasks: Sequence[Task] = (),
    verifier: Verifier | None = None,
    revocations: Revocations | None = None,
    connected: bool = True,
) -> Litestar:
    """A service as an ASGI application.

    `on_start` runs once before the first request; `background` runs in the worker role; `tasks` run in every web
    process. `connected=False` leaves out all that talks to other servers than PostgreSQL.
    """
    runtime = make_runtime(name, settings, fetch_keys, verifier, revocations)
    readiness = runtime.extras.setdefault("readiness", {})
    readiness["keys"] = lambda: runtime.verifier.ready
    readiness["revocations"] = lambda: runtime.revocations.caught_up
    inline = settings.worker == "inline"
    beside = [_load_keys, feed.follow_revocations, *tasks, *([_sweep, *background] if inline else [])]

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None]:
        async with connections(runtime):
            for start in on_start:
                await start(runtime)
            async with working(runtime, consumers, beside, worker=inline) if connected else nullcontext():
                settle_memory()
                yield

    app = _application(name, [*routes, *object_routes(name), *health.ROUTES, openapi_route(name)], lifespan)
    app.state.runtime = runtime
    app.asgi_handler = observed(app.asgi_handler)
    return app


def _application(name: str, routes: Sequence[Any], lifespan: Lifespan) -> Litestar:
    """What all services' routes have in common."""
    return Litestar(
        route_handlers=routes,
        lifespan=[lifespan],
        dependencies={
            "session": Provide(provide_session),
            "principal": Provide(provide_principal, sync_to_thread=False),
            "runtime": Provide(provide_runtime, sync_to_thread=False),
        },
        middleware=[guarded],
        request_class=WholeRequest,
        dto=StrictBody,
        return_dto=None,
        exception_handlers=HANDLERS,
        request_max_body_size=LARGEST_BODY,
        openapi_config=OpenAPIConfig(title=name, version="1", path="/internal-openapi", render_plugins=()),
        logging_config=None,
    )


def build_worker(
    name: str, settings: ServiceSettings, *, consumers: feed.ConsumersOrFactory, background: Sequence[Task]
) -> Litestar:
    """The worker role as an application that serves its health and its metrics, and nothing else."""
    runtime = make_runtime(name, settings)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None]:
        async with connections(runtime), working(runtime, consumers, [_sweep, *background], worker=True):
            settle_memory()
            yield

    app = Litestar(
        route_handlers=health.ROUTES,
        lifespan=[lifespan],
        exception_handlers=HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    app.state.runtime = runtime
    return app


def make_runtime(
    name: str,
    settings: ServiceSettings,
    fetch_keys: Callable[[Runtime], FetchKeys] | None = None,
    verifier: Verifier | None = None,
    revocations: Revocations | None = None,
) -> Runtime:
    """The connections and knowledge of one process; nothing is opened yet."""
    bind = engine(settings.database_url, name, pool_size=settings.pool_size)

    async def ask(principal: Any) -> None:
        await ask_identity(runtime, principal)

    async def keys() -> dict[str, Any]:
        return await (fetch_keys or feed.keys_from_identity)(runtime)()

    runtime = Runtime(
        name=name,
        settings=settings,
        engine=bind,
        sessions=session_maker(bind),
        reads=session_maker(bind.execution_options(isolation_level="AUTOCOMMIT")),
        row=Rows(settings.database_url, name),
        verifier=verifier or Verifier(settings.public_url, keys),
        revocations=revocations or Revocations(ask),
        objects=Objects(settings, name),
    )
    runtime.internal_tokens = InternalTokens(runtime)
    runtime.api_keys = ApiKeys(runtime)
    return runtime


def settle_memory() -> None:
    """Leave what was made at the start out of garbage collection: it stays, and walking it takes time."""
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def connections(runtime: Runtime) -> AsyncGenerator[None]:
    """The clients of a process for as long as the block runs; the database's connections are closed after it."""
    excepted = outside.allowed(runtime.common.outside_allowed)
    async with http_client() as runtime.http, outside.session(excepted) as runtime.outside:
        yield
    await runtime.row.close()
    await runtime.engine.dispose()


@asynccontextmanager
async def working(
    runtime: Runtime, consumers: feed.ConsumersOrFactory, tasks: Sequence[Task], *, worker: bool
) -> AsyncGenerator[None]:
    """What runs beside the requests: messaging, as a worker with relay and consumers, and `tasks`."""
    runtime.messaging = feed.messaging(runtime, consumers, worker=worker)
    async with runtime.messaging, running(tasks, runtime):
        yield


@asynccontextmanager
async def running(tasks: Sequence[Task], runtime: Runtime) -> AsyncGenerator[None]:
    """Run tasks until the block ends; one that fails is logged and started again."""
    started = [asyncio.create_task(_keep_running(task, runtime)) for task in tasks]
    try:
        yield
    finally:
        for task in started:
            task.cancel()
        await asyncio.gather(*started, return_exceptions=True)


async def _keep_running(task: Task, runtime: Runtime) -> None:
    while True:
        try:
            await task(runtime)
        except DomainError as error:
            log.warning("task waits", task=task.__name__, reason=error.detail)
        except OSError as error:
            log.warning("task waits", task=task.__name__, reason=f"a server is out of reach: {error}")
        except Exception:
            log.exception("task failed", task=task.__name__)
        else:
            return
        await asyncio.sleep(RETRY_AFTER)


async def _load_keys(runtime: Runtime) -> None:
    await runtime.verifier.refresh()


async def _sweep(runtime: Runtime) -> None:
    while True:
        await idempotency.sweep(runtime)
        await asyncio.sleep(SWEEP_EVERY)


__all__ = ["build", "build_worker", "make_runtime", "running", "working"]
