"""From the streams to rows, in batches."""

from datetime import timedelta
from uuid import uuid4

from contracts.artifacts import ProfileCreated
from kernel import now
from notifications.webhook_endpoints import following
from notifications.webhook_endpoints.following import taking_in


async def place(hooks, context):
    rows = await hooks.rows("SELECT sequence FROM webhook_places WHERE context = :context", context=context)
    return rows[0]["sequence"] if rows else None


async def test_a_batch_is_written_with_its_place(hooks, receiver):
    await hooks.make()
    strangers = [hooks.entry(hooks.moved(uuid4()), sequence=number) for number in range(100, 110)]
    mine = [hooks.entry(hooks.moved(), sequence=number) for number in range(110, 113)]
    unread = [hooks.entry(hooks.moved(), sequence=113, readable=False)]
    await taking_in(hooks.runtime, "orgs", 90)([*strangers, *mine, *unread])
    assert await place(hooks, "orgs") == 113
    assert await hooks.work() == 3
    assert set(receiver.ids) == {str(entry.envelope.id) for entry in mine}


async def test_what_nobody_wants_is_passed_over_and_the_place_written_now_and_then(hooks, monkeypatch):
    monkeypatch.setattr(following, "UNWRITTEN", 10)
    await hooks.run("DELETE FROM webhook_places")
    take_in = taking_in(hooks.runtime, "artifacts")
    for sequence in range(1, 10):
        profile = ProfileCreated(profile_id=uuid4(), organization_id=hooks.organization)
        await take_in([hooks.entry(profile, sequence=sequence)])
    assert await place(hooks, "artifacts") is None
    await take_in([hooks.entry(hooks.moved(), sequence=10)])
    assert await place(hooks, "artifacts") == 10
    await take_in([hooks.entry(hooks.moved(), sequence=19)])
    assert await place(hooks, "artifacts") == 10
    await take_in([hooks.entry(hooks.moved(), sequence=2)])
    assert await place(hooks, "artifacts") == 10, "not far enough"
    await taking_in(hooks.runtime, "artifacts", 10)([hooks.entry(hooks.moved(), sequence=25)])
    assert await place(hooks, "artifacts") == 25


async def test_a_stream_that_is_read_again_sends_nothing_twice(hooks, receiver):
    await hooks.make()
    await hooks.run("UPDATE webhook_endpoints SET created_at = now() - interval '90 days'")
    recent = [hooks.entry(hooks.moved(), sequence=number) for number in range(1, 4)]
    old = hooks.entry(hooks.moved(), sequence=4, at=now() - timedelta(days=31))
    for _ in range(3):
        await taking_in(hooks.runtime, "orgs")([*recent, old])
        await hooks.work()
    assert sorted(receiver.ids) == sorted(str(entry.envelope.id) for entry in recent)
