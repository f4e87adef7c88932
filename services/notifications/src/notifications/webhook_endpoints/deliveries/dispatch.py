"""The background task that claims deliveries and sends them, as many at once as there are senders."""

import asyncio

import structlog
from chassis.runtime import Runtime

from notifications.deliveries.waking import waker
from notifications.settings import Settings
from notifications.webhook_endpoints.deliveries import claiming
from notifications.webhook_endpoints.deliveries.claiming import Claimed
from notifications.webhook_endpoints.deliveries.sending import attempt

POLL_SECONDS = 0.5
STOP_WITHIN = 5.0

log = structlog.get_logger("notifications.webhooks")


async def send_webhooks(runtime: Runtime) -> None:
    """Send what is due until cancelled; then what is under way ends first, within `STOP_WITHIN` seconds."""
    settings: Settings = runtime.settings
    if not settings.webhook_key:
        return
    awake = waker()
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            awake.clear()
            claimed = await _claim(runtime, settings.webhook_senders - len(running))
            running |= {asyncio.create_task(_attempt(runtime, row)) for row in claimed}
            await _pause(running, awake, found=bool(claimed), full=len(running) >= settings.webhook_senders)
            running = {task for task in running if not task.done()}
    finally:
        if running:
            await asyncio.wait(running, timeout=STOP_WITHIN)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def run_due(runtime: Runtime) -> int:
    """Send what is due now, and say how many were tried."""
    tried = 0
    while claimed := await _claim(runtime, claiming.MOST_AT_ONE):
        await asyncio.gather(*(attempt(runtime, row) for row in claimed))
        tried += len(claimed)
    return tried


async def _claim(runtime: Runtime, free: int) -> list[Claimed]:
    if free <= 0:
        return []
    async with runtime.sessions.begin() as session:
        return await claiming.claim(session, free)


async def _pause(running: set[asyncio.Task[None]], awake: asyncio.Event, *, found: bool, full: bool) -> None:
    """Until a try has ended or there is something new; an endpoint with more to come may have room by then."""
    if found and not full:
        return
    news = asyncio.create_task(awake.wait())
    try:
        await asyncio.wait({*running, news}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        news.cancel()


async def _attempt(runtime: Runtime, claimed: Claimed) -> None:
    """A fault of ours leaves the row to its lease."""
    try:
        await attempt(runtime, claimed)
    except Exception as error:  # noqa: BLE001 one delivery's fault is not the others'
        log.error("webhook failed", delivery_id=str(claimed.id), error=type(error).__name__)  # noqa: TRY400
