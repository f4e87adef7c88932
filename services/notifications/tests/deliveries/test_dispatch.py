"""The background task that sends."""

import asyncio

from notifications.deliveries import dispatch as dispatching
from notifications.deliveries.dispatch import dispatch
from sqlalchemy import text


async def test_the_dispatcher_wakes_for_new_messages_and_stops_cleanly(post, mailbox, live, monkeypatch):
    monkeypatch.setattr(dispatching, "POLL_SECONDS", 3600)
    task = asyncio.create_task(dispatch(live.app.state.runtime))
    await asyncio.sleep(0.1)
    await post.ask()
    await asyncio.wait_for(mailbox.received.wait(), 30)
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
    await asyncio.wait_for(mailbox.received.wait(), 30)
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


async def test_what_is_handed_over_together_ends_each_in_its_own_way(post, mailbox, live):
    """Of nine mails that are ready at about the same time three are put off and three refused, at the very last."""
    mailbox.at_data = ["250 OK", "451 later", "554 no"] * 3
    messages = [await post.ask() for _ in range(9)]
    task = asyncio.create_task(dispatch(live.app.state.runtime))
    while len(mailbox.at_data) or sum([(await post.row(one))["status"] == "pending" for one in messages]) > 3:
        await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    rows = [await post.row(one) for one in messages]
    assert sorted(row["status"] for row in rows) == ["bounced"] * 3 + ["pending"] * 3 + ["sent"] * 3
    assert len(mailbox.mails) == 3
    for row in rows:
        announced = {"sent": ["sent"], "bounced": ["bounced"], "pending": []}[row["status"]]
        assert await post.settled(row["message_id"]) == announced
        logged = await post.rows("SELECT 1 FROM email_logs WHERE delivery_id = :id", id=row["id"])
        assert len(logged) == len(announced)
    await post.all_due()
    await post.work()
    assert len(mailbox.mails) == 6
