"""The background task that sends."""

import asyncio

from kernel import now
from notifications.deliveries.dispatch import dispatch
from sqlalchemy import text


async def test_the_dispatcher_wakes_for_new_messages_and_stops_cleanly(post, mailbox, live):
    task = asyncio.create_task(dispatch(live.app.state.runtime))
    await asyncio.sleep(0.1)
    began = now()
    await post.ask()
    await asyncio.wait_for(mailbox.received.wait(), 5)
    assert (now() - began).total_seconds() < 0.45
    mailbox.slow = 0.3
    last = await post.ask()
    await asyncio.sleep(0.15)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await post.row(last))["status"] == "sent"


async def test_one_delivery_that_fails_does_not_stop_the_others(post, mailbox, live):
    """A row that nobody can send (its channel is gone) stays behind; the next one goes out."""
    broken = await post.ask()
    async with post.runtime.sessions.begin() as session:
        await session.execute(text("UPDATE deliveries SET channel = 'pigeon' WHERE message_id = :id"), {"id": broken})
    task = asyncio.create_task(dispatch(live.app.state.runtime))
    await post.ask()
    await asyncio.wait_for(mailbox.received.wait(), 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await post.row(broken))["status"] == "pending"
    async with post.runtime.sessions.begin() as session:
        await session.execute(text("DELETE FROM deliveries WHERE message_id = :id"), {"id": broken})


async def test_a_delivery_continues_the_trace_that_asked_for_it(post):
    from opentelemetry import context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    token = context.attach(TraceContextTextMapPropagator().extract({"traceparent": traceparent}))
    message = await post.ask()
    context.detach(token)
    assert (await post.row(message))["traceparent"] == traceparent
    await post.work()
