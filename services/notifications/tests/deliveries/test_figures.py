"""What is seen of deliveries from outside."""

from notifications.deliveries import figures
from prometheus_client import REGISTRY


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_tries_are_counted_by_channel_type_and_outcome(post, mailbox):
    labels = [{"channel": "email", "type": "sign-up-code", "outcome": one} for one in ("sent", "put-off", "bounced")]
    before = [value("muster_deliveries_total", **one) for one in labels]
    took = value("muster_delivery_seconds_count", channel="email")
    mailbox.at_rcpt = ["250 OK", "451 later", "550 nobody"]
    for _ in range(3):
        await post.ask()
        await post.work()
    assert [value("muster_deliveries_total", **one) for one in labels] == [one + 1 for one in before]
    assert value("muster_delivery_seconds_count", channel="email") == took + 1


async def test_types_that_nobody_knows_share_a_name(post):
    labels = {"channel": "email", "type": "other", "outcome": "failed"}
    before = value("muster_deliveries_total", **labels)
    await post.ask("made-up-4711")
    await post.work()
    assert value("muster_deliveries_total", **labels) == before + 1


async def test_the_queue_has_a_length_and_an_age(post):
    await post.work()
    await figures.look(post.runtime)
    before = value("muster_deliveries_due", bulk="false")
    message = await post.ask()
    await post.rows(
        "UPDATE deliveries SET next_attempt_at = now() - interval '90 s' WHERE message_id = :id RETURNING id",
        id=message,
    )
    await figures.look(post.runtime)
    assert value("muster_deliveries_due", bulk="false") == before + 1
    assert value("muster_deliveries_oldest_due_seconds", bulk="false") >= 90
    await post.work()
