"""Publishing again from the outbox."""

from datetime import timedelta
from uuid import uuid4

from kernel import now
from messaging.republish import republish
from shop_world import OrderPlaced, World, eventually


async def test_a_lost_stream_comes_back_from_the_outbox(world: World) -> None:
    await world.start_shop()
    mail = await world.start_mail()
    orders = [uuid4(), uuid4()]
    for number in range(5):
        await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for order in orders))
    await eventually(lambda: world.mail.has(10))
    await mail.stop()
    await world.mail.run("TRUNCATE inbox, inbox_aggregates, effects")  # a read model that is built anew
    await world.client.jetstream().delete_stream("EVT_SHOP")
    await world.shop.publish(*(OrderPlaced(order_id=order, number=5) for order in orders))

    async def stream_is_back() -> bool:
        return not await world.shop.all("SELECT 1 FROM outbox WHERE published_at IS NULL")

    await eventually(stream_is_back)
    done = await republish(world.shop.url, world.client, since=now() - timedelta(hours=1))
    assert done.count == 12
    await world.start_mail()
    await eventually(lambda: world.mail.has(12))
    for order in orders:
        rows = await world.mail.all("SELECT number FROM effects WHERE aggregate_id = :id ORDER BY id", id=str(order))
        assert [row.number for row in rows] == list(range(6))
    report = await world.report()
    assert report.ok, report.rows()


async def test_republish_since_takes_later_events_only(world: World) -> None:
    await world.start_shop()
    await world.start_mail()
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await eventually(lambda: world.mail.has(1))
    middle = now()
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=2))
    await eventually(lambda: world.mail.has(2))
    assert (await republish(world.shop.url, world.client, since=middle)).count == 1
    report = await world.report()
    assert report.ok, report.rows()
    assert await world.mail.effects() == [1, 2]
