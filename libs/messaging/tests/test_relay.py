"""Publishing: nothing lost, nothing doubled, whatever ends in between."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from messaging import publish, streams
from shop_world import ORDER, OrderPlaced, World, eventually
from testkit import servers


@pytest.mark.parametrize("failpoint", ["outbox.after_puback:exit9@1", "outbox.after_puback:exit9@4"])
async def test_a_kill_between_answer_and_mark_neither_loses_nor_doubles(world: World, failpoint: str) -> None:
    order = uuid4()
    await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for number in range(6)))
    process = await world.spawn("shop", failpoint)
    assert await asyncio.wait_for(process.wait(), 90) == 9
    await world.start_shop()
    await world.start_mail()
    await eventually(lambda: world.mail.has(6))
    report = await world.report()
    assert report.ok, report.rows()
    assert report.notes == []
    assert await world.mail.effects() == list(range(6))
    assert (await world.client.jetstream().stream_info("EVT_SHOP")).state.messages == 6


@pytest.mark.parametrize(("place", "committed"), [("before", 1), ("after", 2)])
async def test_a_kill_around_the_commit_keeps_what_was_committed(world: World, place: str, committed: int) -> None:
    process = await world.spawn("shop", f"outbox.{place}_commit:exit9@2", events=5)
    assert await asyncio.wait_for(process.wait(), 90) == 9
    await world.start_shop()
    await world.start_mail()
    await eventually(lambda: world.mail.has(committed))
    report = await world.report()
    assert report.ok, report.rows()
    assert await world.mail.effects() == list(range(committed))


async def test_a_relay_that_stood_still_neither_loses_nor_doubles(world: World) -> None:
    process = await world.spawn("shop", events=3)
    await world.start_mail()
    await eventually(lambda: world.mail.has(3))
    process.send_signal(signal.SIGSTOP)
    other = await world.start_shop()
    await world.shop.publish(*(OrderPlaced(order_id=ORDER, number=number) for number in range(3, 6)))
    await asyncio.sleep(1.5)
    assert not other.relay_active  # the lock is still held
    process.send_signal(signal.SIGCONT)
    await eventually(lambda: world.mail.has(6))
    report = await world.report()
    assert report.ok, report.rows()
    assert await world.mail.effects() == list(range(6))


async def test_streams_are_declared_by_services_that_start_together(world: World) -> None:
    await asyncio.gather(*(streams.ensure_own(world.client, "shop") for _ in range(5)))
    await streams.ensure_own(world.client, "shop", retention=timedelta(days=2))
    config = (await world.client.jetstream().stream_info("EVT_SHOP")).config
    assert (config.max_age, config.discard, config.duplicate_window) == (172800, "new", 1200)
    assert (await world.client.jetstream().stream_info("DLQ")).config.max_bytes == 64 * 1024 * 1024


async def test_transactions_that_commit_against_the_order_of_their_ids_are_both_published(world: World) -> None:
    await world.start_shop()
    await world.start_mail()
    async with world.shop.sessions() as early, world.shop.sessions() as late:
        await publish(early, OrderPlaced(order_id=uuid4(), number=1))
        await publish(late, OrderPlaced(order_id=uuid4(), number=2))
        await late.commit()
        await eventually(lambda: world.mail.has(1))
        await asyncio.sleep(0.5)
        await early.commit()
    await eventually(lambda: world.mail.has(2))
    assert await world.mail.effects() == [2, 1]
    assert (await world.report()).ok


async def test_one_relay_is_active_and_another_takes_over(world: World) -> None:
    first, second = await world.start_shop(), await world.start_shop()

    async def one() -> bool:
        return first.relay_active != second.relay_active

    await eventually(one)
    await world.start_mail()
    active, idle = (first, second) if first.relay_active else (second, first)
    await active.stop()

    async def moved() -> bool:
        return idle.relay_active

    await eventually(moved)
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await eventually(lambda: world.mail.has(1))


async def test_a_relay_without_its_database_connection_has_no_lock(world: World) -> None:
    shop = await world.start_shop()

    async def active() -> bool:
        return shop.relay_active

    await eventually(active)
    database = await asyncpg.connect(world.shop.url)
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shop-relay'"
    assert await database.fetchval(ended + " AND datname = current_database()")
    await database.close()
    await world.start_mail()
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await eventually(lambda: world.mail.has(1))
    await eventually(active)


async def test_writes_go_on_without_nats_and_arrive_when_it_is_back(world: World, tmp_path: Path) -> None:
    port = servers.free_port()
    world.nats_url = f"nats://127.0.0.1:{port}"
    shop = await world.start_shop()
    await world.start_mail()
    orders = [uuid4() for _ in range(3)]
    await world.shop.publish(*(OrderPlaced(order_id=order, number=0) for order in orders))
    assert not shop.connected
    server = await asyncio.to_thread(servers.nats, tmp_path, port=port)
    try:
        await eventually(lambda: world.mail.has(3))
        server.stop(kill=True)
        for number in range(1, 5):
            await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for order in orders))
        server = await asyncio.to_thread(servers.nats, tmp_path, port=port)
        await eventually(lambda: world.mail.has(15))
        report = await world.report()
        assert report.ok, report.rows()
    finally:
        server.stop()


async def test_a_process_that_does_not_publish_wakes_the_one_that_does(world: World) -> None:
    await world.start_shop()
    web = await world.start_shop(worker=False)
    await world.start_mail()
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await eventually(lambda: world.mail.has(1))
    assert not web.relay_active
