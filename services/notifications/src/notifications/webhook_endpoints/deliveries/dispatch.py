"""The background task that claims deliveries and sends them, as many at once as there are senders."""

import asyncio

import structlog
from chassis.runtime import Runtime
from messaging import failpoints

from notifications.deliveries.waking import waker
from notifications.settings import Settings
from notifications.webhook_endpoints.deliveries import claiming
from notifications.webhook_endpoints.deliveries.claiming import Claimed
from notifications.webhook_endpoints.deliveries.sending import send
from notifications.webhook_endpoints.deliveries.settling import Outcome, settle

POLL_SECONDS = 0.5
STOP_WITHIN = 5.0
GATHER_SECONDS = 0.005
"""After a try has ended, those that end about now are waited for: what came of them is written together."""

Running = dict[asyncio.Task[Outcome], Claimed]

log = structlog.get_logger("notifications.webhooks")


async def send_webhooks(runtime: Runtime) -> None:
    """Send what is due until cancelled; then what is under way ends first, within `STOP_WITHIN` seconds."""
    settings: Settings = runtime.settings
    if not settings.webhook_key:
        return
    awake = waker()
    running: Running = {}
    try:
        while True:
            awake.clear()
            claimed = await _claim(runtime, settings.webhook_senders - len(running))
            running |= {asyncio.create_task(send(runtime, row)): row for row in claimed}
            await _pause(running, awake, found=bool(claimed), full=len(running) >= settings.webhook_senders)
            await _settle_ended(runtime, running)
    finally:
        if running:
            _, late = await asyncio.wait(running, timeout=STOP_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        await _settle_ended(runtime, running)


async def run_due(runtime: Runtime) -> int:
    """Send what is due now, and say how many were tried."""
    tried = 0
    while claimed := await _claim(runtime, claiming.MOST_AT_ONE):
        outcomes = await asyncio.gather(*(send(runtime, row) for row in claimed))
        await settle(runtime, list(zip(claimed, outcomes, strict=True)))
        tried += len(claimed)
    return tried


async def _claim(runtime: Runtime, free: int) -> list[Claimed]:
    if free <= 0:
        return []
    async with runtime.sessions.begin() as session:
        return await claiming.claim(session, free)


async def _pause(running: Running, awake: asyncio.Event, *, found: bool, full: bool) -> None:
    """Until a try has ended or there is something new; an endpoint with more to come may have room by then."""
    if found and not full:
        return
    news = asyncio.create_task(awake.wait())
    try:
        await asyncio.wait({*running, news}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(GATHER_SECONDS if running else 0)
    finally:
        news.cancel()


async def _settle_ended(runtime: Runtime, running: Running) -> None:
    """Write what came of the tries that have ended. A fault of ours leaves their rows to their lease."""
    results: list[tuple[Claimed, Outcome]] = []
    for task in [task for task in running if task.done()]:
        claimed = running.pop(task)
        if task.cancelled():
            continue
        if (error := task.exception()) is None:
            results.append((claimed, task.result()))
        else:
            log.error("webhook failed", delivery_id=str(claimed.id), error=type(error).__name__)
    failpoints.hit("webhooks.after_answer")
    await settle(runtime, results)
