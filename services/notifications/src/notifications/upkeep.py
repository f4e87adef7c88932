"""What runs beside the requests: what is no longer needed goes."""

import asyncio

from chassis.runtime import Runtime
from sqlalchemy import text

SWEEP_EVERY = 3600.0
SWEEPS = (
    text("DELETE FROM recorded_texts WHERE created_at < now() - interval '7 days'"),
    text("DELETE FROM provider_reports WHERE received_at < now() - interval '2 days'"),
    text("DELETE FROM webhook_deliveries WHERE created_at < now() - interval '30 days'"),
)


async def keep_tidy(runtime: Runtime) -> None:
    """In the worker: sweep each hour."""
    while True:
        await sweep(runtime)
        await asyncio.sleep(SWEEP_EVERY)


async def sweep(runtime: Runtime) -> None:
    """Remove what is no longer needed."""
    for statement in SWEEPS:
        async with runtime.sessions.begin() as session:
            await session.execute(statement)
