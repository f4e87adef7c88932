"""The background task that claims deliveries and sends them, as many at once as there are senders."""

import asyncio
import contextlib
from collections import deque
from contextlib import AbstractContextManager

import structlog
from chassis.runtime import Runtime
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from notifications.channels.channel import Channel
from notifications.channels.in_app import InAppChannel
from notifications.channels.sms import MailedSms, RecordingSms
from notifications.channels.smtp import SmtpChannel
from notifications.channels.twilio import TwilioSms
from notifications.channels.unconfigured import TO_DEVICES, Unconfigured
from notifications.deliveries import commands
from notifications.deliveries.commands import Claimed
from notifications.deliveries.handing_over import HandOvers
from notifications.deliveries.holding_back import put_off
from notifications.deliveries.looking_up import Known, look_up
from notifications.deliveries.sending import Channels, Sending, attempt
from notifications.deliveries.waking import waker
from notifications.settings import Settings

AHEAD = 4
"""How many deliveries are taken for each sender: what they need is asked for together."""
POLL_SECONDS = 0.5
STOP_WITHIN = 5.0

_tracer = trace.get_tracer("notifications")
_propagator = TraceContextTextMapPropagator()

log = structlog.get_logger("notifications.dispatch")


async def dispatch(runtime: Runtime) -> None:
    """Send what is due until cancelled; then what is under way ends first, within `STOP_WITHIN` seconds."""
    settings: Settings = runtime.settings
    sending = Sending(runtime, make_channels(runtime), HandOvers(runtime))
    awake = waker()
    waiting: deque[tuple[Claimed, Known]] = deque()
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            awake.clear()
            found = await _fill(runtime, waiting, settings.senders)
            while waiting and len(running) < settings.senders:
                running.add(asyncio.create_task(_attempt(sending, *waiting.popleft())))
            await _pause(running, awake, full=len(running) >= settings.senders, found=found)
            running = {task for task in running if not task.done()}
    finally:
        if running:
            await asyncio.wait(running, timeout=STOP_WITHIN)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await sending.hand_overs.close()
        await close(sending.channels)
        async with runtime.sessions.begin() as session:
            await commands.release(session, [claimed for claimed, _ in waiting])


async def run_due(runtime: Runtime, channels: Channels) -> int:
    """Send what is due now, one after another, and say how many were tried."""
    tried = 0
    sending = Sending(runtime, channels, HandOvers(runtime))
    while claimed := await _claim(runtime, 1):
        known = await look_up(runtime, claimed)
        for one in await put_off(runtime, claimed, known.later):
            await attempt(sending, one, known)
            tried += 1
    return tried


def make_channels(runtime: Runtime) -> Channels:
    """The channels of a process."""
    settings: Settings = runtime.settings
    return {
        "email": SmtpChannel(settings),
        "sms": _texts(runtime, settings),
        "in-app": InAppChannel(runtime.sessions),
        **{name: Unconfigured() for name in TO_DEVICES},
    }


def _texts(runtime: Runtime, settings: Settings) -> Channel:
    if settings.sms_provider == "twilio":
        return TwilioSms(settings)
    recording = RecordingSms(runtime.sessions)
    domain = settings.sms_mail_domain
    return MailedSms(recording, SmtpChannel(settings), domain) if domain else recording


async def close(channels: Channels) -> None:
    """Let the channels' connections go."""
    for channel in channels.values():
        await channel.close()


async def _fill(runtime: Runtime, waiting: deque[tuple[Claimed, Known]], senders: int) -> bool:
    """Take what is due, so that senders find the next ones ready; whether there was something."""
    if len(waiting) >= senders:
        return True
    claimed = await _claim(runtime, AHEAD * senders)
    if claimed:
        known = await look_up(runtime, claimed)
        waiting.extend((one, known) for one in await put_off(runtime, claimed, known.later))
    return bool(claimed)


async def _claim(runtime: Runtime, most: int) -> list[Claimed]:
    async with runtime.sessions.begin() as session:
        return await commands.claim(session, most)


async def _pause(running: set[asyncio.Task[None]], awake: asyncio.Event, *, full: bool, found: bool) -> None:
    """Until a sender is free, or until there is something new; not at all while rows keep coming."""
    if full:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    elif not found:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(awake.wait(), POLL_SECONDS)


def _span(claimed: Claimed) -> AbstractContextManager[object]:
    """A span below the one in which the message was asked for, however long ago."""
    parent = _propagator.extract({"traceparent": claimed.traceparent or ""})
    facts = {"muster.delivery.id": str(claimed.id), "muster.delivery.attempt": claimed.attempts}
    name = f"send {claimed.channel} {claimed.type}"
    return _tracer.start_as_current_span(name, parent, attributes=facts, record_exception=False)


async def _attempt(sending: Sending, claimed: Claimed, known: Known) -> None:
    """A fault of ours leaves the row to its lease; the text of the error could hold what is secret."""
    try:
        with _span(claimed):
            await attempt(sending, claimed, known)
    except Exception as error:  # noqa: BLE001 one delivery's fault is not the others'
        log.error("delivery failed", delivery_id=str(claimed.id), error=type(error).__name__)  # noqa: TRY400
