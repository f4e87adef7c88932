"""Liveness, readiness and metrics."""

import asyncio
from typing import Any

import msgspec
from contracts.permissions import PUBLIC
from litestar import Request, Response
from litestar import get as litestar_get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from chassis.runtime import Runtime, runtime_of

CHECK_TIMEOUT = 2.0
OPTIONS: dict[str, Any] = {"opt": {"permission": PUBLIC}, "include_in_schema": False}


@litestar_get("/livez", **OPTIONS)
async def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@litestar_get("/readyz", **OPTIONS)
async def readyz(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The process can work: its database answers, and all that it waits for at its start is there.

    A web process waits for keys and for the sessions that ended.
    """
    checks = await _checks(runtime_of(request))
    status = 200 if all(value == "ok" for value in checks.values()) else 503
    return Response(msgspec.json.encode({"checks": checks}), status_code=status, media_type="application/json")


@litestar_get("/metrics", **OPTIONS)
async def metrics() -> Response[bytes]:
    """Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _checks(runtime: Runtime) -> dict[str, str]:
    checks = {"database": await _database(runtime)}
    for name, check in runtime.extras.get("readiness", {}).items():
        checks[name] = "ok" if check() else "not ready"
    return checks


async def _database(runtime: Runtime) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT), runtime.reads() as session:
            await session.execute(text("SELECT 1"))
    except Exception as error:  # noqa: BLE001 whatever it is, the database does not serve
        return f"unavailable: {type(error).__name__}"
    return "ok"


ROUTES = [livez, readyz, metrics]
