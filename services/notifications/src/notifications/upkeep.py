"""What runs beside the requests: what is no longer needed goes."""

import asyncio

from chassis.runtime import Runtime
from sqlalchemy import text

from notifications.forgetting import forget
from notifications.webhook_endpoints.forgetting import forget as forget_webhooks

SWEEP_EVERY = 3600.0
SWEEPS = (
    text("DELETE FROM recorded_texts WHERE created_at < now() - interval '7 days'"),
    text("DELETE FROM provider_reports WHERE received_at < now() - interval '2 days'"),
    text("DELETE FROM delivery_budgets WHERE full_at < now()"),
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
    await forget(runtime)
    await forget_webhooks(runtime)
