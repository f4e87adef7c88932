"""From a commit to an applied effect, once and in order."""

from uuid import uuid4

from shop_world import OrderNoted, OrderPlaced, World, eventually


async def test_events_arrive_once_and_in_order(world: World) -> None:
    await world.start_shop()
    await world.start_mail()
    orders = [uuid4() for _ in range(5)]
    for number in range(20):
        await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for order in orders))

    async def arrived() -> bool:
        return len(await world.mail.effects()) == 100

    await eventually(arrived)
    for order in orders:
        rows = await world.mail.all("SELECT number FROM effects WHERE aggregate_id = :id ORDER BY id", id=str(order))
        assert [row.number for row in rows] == list(range(20))


async def test_events_without_a_handler_advance_the_version(world: World) -> None:
    await world.start_shop()
    await world.start_mail()
    order = uuid4()
    await world.shop.publish(
        OrderNoted(order_id=order), OrderPlaced(order_id=order, number=1), OrderNoted(order_id=order)
    )

    async def advanced() -> bool:
        return bool(await world.mail.all("SELECT 1 FROM inbox_aggregates WHERE version = 3 AND state = 'open'"))

    await eventually(advanced)
    assert await world.mail.effects() == [1]
