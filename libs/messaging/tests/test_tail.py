"""Following a stream from a point on."""

import asyncio
from uuid import uuid4

from messaging import Entry
from shop_world import BasketFilled, OrderPlaced, World, eventually


def numbers(entries: list[Entry]) -> list[int]:
    return [entry.event.number for entry in entries if isinstance(entry.event, OrderPlaced)]


async def test_a_tail_catches_up_and_goes_on(world: World) -> None:
    shop = await world.start_shop()
    await world.shop.publish(*(OrderPlaced(order_id=uuid4(), number=number) for number in range(30)))
    await world.shop.publish(BasketFilled(basket_id=uuid4()))
    await published(world, 31)
    seen: list[Entry] = []

    async def on_batch(entries: list[Entry]) -> None:
        seen.extend(entries)

    feed = await shop.tail("shop", [OrderPlaced], on_batch, chunk=7)
    await asyncio.wait_for(feed.caught_up.wait(), 10)
    assert sorted(numbers(seen)) == list(range(30))
    assert [entry.sequence for entry in seen] == sorted({entry.sequence for entry in seen})
    assert feed.sequence == seen[-1].sequence
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=99))

    async def more() -> bool:
        return 99 in numbers(seen)

    await eventually(more)
    assert feed.silence < 3


async def test_a_tail_begins_after_a_sequence_and_before_the_stream_is_there(world: World) -> None:
    seen: list[Entry] = []

    async def on_batch(entries: list[Entry]) -> None:
        seen.extend(entries)

    mail = await world.start_mail({})
    await mail.tail("shop", ["evt.shop.>"], on_batch, after=0)
    await world.start_shop()
    await world.shop.publish(*(OrderPlaced(order_id=uuid4(), number=number) for number in range(3)))

    async def three() -> bool:
        return len(seen) == 3

    await eventually(three)
    later: list[Entry] = []

    async def on_later(entries: list[Entry]) -> None:
        later.extend(entries)

    feed = await mail.tail("shop", ["evt.shop.>"], on_later, after=seen[1].sequence)
    await asyncio.wait_for(feed.caught_up.wait(), 10)
    assert [entry.sequence for entry in later] == [seen[2].sequence]


async def test_a_batch_that_fails_comes_again(world: World) -> None:
    shop = await world.start_shop()
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await published(world, 1)
    calls: list[list[int]] = []

    async def on_batch(entries: list[Entry]) -> None:
        calls.append(numbers(entries))
        if len(calls) < 3:
            assert feed.silence > 0.05 * (len(calls) - 1)  # what is not handled is not current
            raise RuntimeError("not yet")

    feed = await shop.tail("shop", [OrderPlaced], on_batch)
    await asyncio.wait_for(feed.caught_up.wait(), 10)
    assert calls == [[1], [1], [1]]


async def test_many_tails_have_a_consumer_each(world: World) -> None:
    shop = await world.start_shop()
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await published(world, 1)
    counts = [0] * 6
    feeds = []
    for index in range(6):

        async def on_batch(entries: list[Entry], index: int = index) -> None:
            counts[index] += len(entries)

        feeds.append(await shop.tail("shop", [OrderPlaced], on_batch))
    await asyncio.wait_for(asyncio.gather(*(feed.caught_up.wait() for feed in feeds)), 10)
    assert counts == [1] * 6


async def published(world: World, count: int) -> None:
    async def all_there() -> bool:
        rows = await world.shop.all("SELECT count(published_at) AS done FROM outbox")
        return rows[0].done == count

    await eventually(all_there)


async def test_a_tail_survives_its_consumer(world: World) -> None:
    shop = await world.start_shop()
    seen: list[Entry] = []

    async def on_batch(entries: list[Entry]) -> None:
        seen.extend(entries)

    feed = await shop.tail("shop", [OrderPlaced], on_batch)
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))

    async def has(count: int) -> bool:
        return len(seen) == count

    await eventually(lambda: has(1))
    jetstream = world.client.jetstream()
    for info in await jetstream.consumers_info("EVT_SHOP"):
        await jetstream.delete_consumer("EVT_SHOP", info.name)
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=2))
    await eventually(lambda: has(2))
    assert numbers(seen) == [1, 2]
    assert feed.sequence == 2
