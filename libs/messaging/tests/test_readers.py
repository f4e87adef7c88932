"""Readers: once, in order, and one bad aggregate does not hold the others."""

import asyncio
import contextlib
from dataclasses import replace
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import nats
import pytest
from contracts.event import REGISTRY, Event, subject
from messaging import Consumers, ConsumerSettings, Later, Meta, dead_letters
from messaging.control import RetryWanted, ask_retry
from messaging.envelope import MSG_ID, compose, wire_headers
from messaging.pull import STALL_SECONDS
from messaging.relay import COLUMNS
from nats.js.errors import NotFoundError
from shop_world import TABLE, BasketFilled, OrderNoted, OrderPlaced, World, eventually, record
from sqlalchemy.ext.asyncio import AsyncSession


async def send(world: World, versions: list[int], *, suffix: str = "") -> None:
    """Publish outbox rows by hand, in the order of `versions`."""
    database = await asyncpg.connect(world.shop.url)
    for version in versions:
        row = await database.fetchrow(f"SELECT {COLUMNS} FROM outbox WHERE aggregate_version = $1", version)
        assert row is not None
        answer = await world.client.jetstream().publish(
            row["subject"], compose(row, None), headers=wire_headers(row, suffix)
        )
        update = "UPDATE outbox SET published_at = clock_timestamp(), sequence = $2 WHERE id = $1"
        await database.execute(update, row["id"], answer.seq)
    await database.close()


async def by_hand(world: World, *events: Event) -> None:
    """Rows that no relay publishes, and the stream."""
    await world.shop.publish(*events)
    await world.client.jetstream().add_stream(name="EVT_SHOP", subjects=["evt.shop.>"])


async def state(world: World) -> list[tuple[int, str]]:
    rows = await world.mail.all("SELECT version, state FROM inbox_aggregates ORDER BY aggregate_type, version")
    return [(row.version, row.state) for row in rows]


async def parked(world: World) -> list[tuple[int, str]]:
    rows = await world.mail.all("SELECT aggregate_version AS v, reason FROM parked_events ORDER BY 1")
    return [(row.v, row.reason) for row in rows]


async def test_events_that_arrive_in_another_order_are_applied_in_theirs(world: World) -> None:
    order = uuid4()
    await by_hand(world, *(OrderPlaced(order_id=order, number=number) for number in range(1, 6)))
    await send(world, [3, 1, 5, 2, 4])
    await world.start_mail()
    await eventually(lambda: world.mail.has(5))
    assert await world.mail.effects() == [1, 2, 3, 4, 5]
    assert await state(world) == [(5, "open")]


async def test_duplicates_have_one_effect(world: World) -> None:
    order = uuid4()
    await by_hand(world, *(OrderPlaced(order_id=order, number=number) for number in range(1, 4)))
    await world.start_mail()
    for suffix in ("", "-a", "-b"):
        await send(world, [1, 2, 3], suffix=suffix)
    await eventually(lambda: world.mail.has(3))

    async def all_read() -> bool:
        info = await world.client.jetstream().consumer_info("EVT_SHOP", "mail")
        return not info.num_pending and not info.num_ack_pending

    await eventually(all_read)
    assert await world.mail.effects() == [1, 2, 3]
    report = await world.report()
    assert report.ok, report.rows()
    assert {note.kind for note in report.notes} == {"repeated"}


async def test_a_process_that_was_not_let_run_loses_no_message(world: World) -> None:
    await by_hand(world, OrderPlaced(order_id=uuid4(), number=1))
    await world.start_mail(settings=ConsumerSettings(ack_wait=3600))

    async def asks() -> bool:
        with contextlib.suppress(NotFoundError):
            return (await world.client.jetstream().consumer_info("EVT_SHOP", "mail")).num_waiting == 1
        return False

    await eventually(asks)
    sender = Thread(target=asyncio.run, args=(_send_apart(world),))
    sender.start()
    sender.join()  # this loop stands still, and longer than the reader waits for a sign of life
    await eventually(lambda: world.mail.has(1))


async def _send_apart(world: World) -> None:
    """Publish from a loop of its own, while the other stands still."""
    client = await nats.connect(world.nats_url)
    await send(replace(world, client=client), [1])
    await client.close()
    await asyncio.sleep(STALL_SECONDS + 0.5)


async def test_a_gap_waits_and_the_owner_publishes_what_is_missing(world: World) -> None:
    order = uuid4()
    await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for number in range(1, 5)))
    await world.client.jetstream().add_stream(name="EVT_SHOP", subjects=["evt.shop.>"])
    await send(world, [1, 3, 4])
    await world.shop.run("UPDATE outbox SET published_at = clock_timestamp()")
    await world.start_mail()
    await eventually(lambda: world.mail.has(1))

    async def waiting() -> bool:
        return await state(world) == [(1, "waiting")] and await parked(world) == [(3, "gap"), (4, "gap")]

    await eventually(waiting)
    await world.start_shop()
    await eventually(lambda: world.mail.has(4))
    assert await world.mail.effects() == [1, 2, 3, 4]
    await eventually(lambda: settled(world))
    assert (await world.report()).ok


async def settled(world: World) -> bool:
    return all(one == "open" for _, one in await state(world)) and not await parked(world)


async def test_events_that_expired_on_the_stream_come_from_the_owner(world: World) -> None:
    order = uuid4()
    await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for number in range(1, 5)))
    await world.client.jetstream().add_stream(name="EVT_SHOP", subjects=["evt.shop.>"])
    await send(world, [1, 2, 3, 4])
    await world.client.jetstream().purge_stream("EVT_SHOP", seq=4)
    await world.start_shop()
    await world.start_mail()
    await eventually(lambda: world.mail.has(4))
    assert await world.mail.effects() == [1, 2, 3, 4]


async def test_versions_that_the_owner_lost_park_the_aggregate_and_an_operator_goes_on(world: World) -> None:
    order = uuid4()
    await by_hand(world, *(OrderPlaced(order_id=order, number=number) for number in range(1, 5)))
    await send(world, [3, 4])
    await world.shop.run("DELETE FROM outbox WHERE aggregate_version < 3")
    await world.start_shop()
    await world.start_mail()

    async def expired() -> bool:
        return await parked(world) == [(3, "expired"), (4, "expired")]

    await eventually(expired)
    answer = await ask_retry(world.client, "mail", RetryWanted(aggregate_id=str(order), skip=True))
    assert (answer.count, answer.error) == (2, None)
    assert await world.mail.effects() == [3, 4]
    assert await settled(world)


async def test_a_poisoned_aggregate_is_parked_others_go_on_and_a_retry_ends_it(world: World) -> None:
    broken = True

    async def picky(session: AsyncSession, one: OrderPlaced, meta: Meta) -> None:
        if broken and one.number == 2:
            raise RuntimeError("cannot digest 2")
        await record(session, one, meta)

    await world.start_shop()
    await world.start_mail({**TABLE, OrderPlaced: picky})
    bad, good = uuid4(), uuid4()
    for number in range(1, 5):
        await world.shop.publish(OrderPlaced(order_id=bad, number=number), BasketFilled(basket_id=good, number=number))

    async def put_aside() -> bool:
        return (await parked(world))[:1] == [(2, "failed")] and len(await parked(world)) == 3

    await eventually(put_aside)
    await eventually(lambda: world.mail.has(5))
    rows = await world.mail.all("SELECT number FROM effects WHERE aggregate_id = :id ORDER BY id", id=str(good))
    assert [row.number for row in rows] == [1, 2, 3, 4]
    async with world.mail.sessions() as session:
        listed = await dead_letters.list_parked(session)
        shown = await dead_letters.show(session, listed[0].event_id)
    assert "cannot digest 2" in listed[0].error
    assert shown is not None
    assert '"number":2' in (shown.envelope or "")
    report = await world.report(0)
    assert not report.ok
    assert {one.kind for one in report.faults} == {"parked"}

    with pytest.raises(dead_letters.StillFails, match="cannot digest 2"):
        await dead_letters.retry(world.mail.sessions, "mail", {**TABLE, OrderPlaced: picky})
    broken = False
    assert await dead_letters.retry(world.mail.sessions, "mail", {**TABLE, OrderPlaced: picky}) == 3
    rows = await world.mail.all("SELECT number FROM effects WHERE aggregate_id = :id ORDER BY id", id=str(bad))
    assert [row.number for row in rows] == [1, 2, 3, 4]
    await world.shop.publish(OrderPlaced(order_id=bad, number=5))
    await eventually(lambda: world.mail.has(9))
    assert (await world.report()).ok


async def test_an_operator_passes_over_an_event_that_never_works(world: World) -> None:
    async def picky(session: AsyncSession, one: OrderPlaced, meta: Meta) -> None:
        if one.number == 1:
            raise RuntimeError("never")
        await record(session, one, meta)

    await world.start_shop()
    await world.start_mail({OrderPlaced: picky})
    order = uuid4()
    await world.shop.publish(OrderPlaced(order_id=order, number=1), OrderPlaced(order_id=order, number=2))

    async def both() -> bool:
        return len(await parked(world)) == 2

    await eventually(both)
    answer = await ask_retry(world.client, "mail", RetryWanted(skip=True))
    assert (answer.count, answer.error) == (1, None)
    assert await world.mail.effects() == [2]
    report = await world.report()
    assert report.ok, report.rows()


POISON: list[tuple[str, bytes]] = [
    ("evt.shop.order.placed.v1.3", b"{ not json"),
    ("evt.shop.order.placed.v1.3", b"\xff\xfe" * 10),
    ("evt.shop.order.placed.v1.3", b'"' + b"x" * 900_000 + b'"'),
    ("evt.shop.order.placed.v9.3", b""),
]


@pytest.mark.parametrize(("where", "body"), POISON)
async def test_what_cannot_be_read_is_parked_and_noted_as_dead_letter(world: World, where: str, body: bytes) -> None:
    await world.start_shop()
    await world.start_mail()
    order, other = uuid4(), uuid4()
    await world.shop.publish(OrderPlaced(order_id=order, number=1))
    await eventually(lambda: world.mail.has(1))
    if not body:
        body = msgspec.json.encode(envelope(order, 2, "muster.shop.order.placed.v9"))
    headers = {
        MSG_ID: str(uuid4()),
        "Muster-Aggregate-Type": "shop.order",
        "Muster-Aggregate-Id": str(order),
        "Muster-Aggregate-Version": "2",
    }
    await world.client.jetstream().publish(where, body, headers=headers)
    await world.shop.publish(OrderPlaced(order_id=other, number=5))
    await eventually(lambda: world.mail.has(2))

    async def undecodable() -> bool:
        return await parked(world) == [(2, "undecodable")]

    await eventually(undecodable)
    assert sorted(await state(world)) == [(1, "open"), (1, "parked")]

    async def noted() -> bool:
        return (await world.client.jetstream().stream_info("DLQ")).state.messages == 1

    await eventually(noted)
    note = msgspec.json.decode((await world.client.jetstream().get_msg("DLQ", seq=1)).data or b"")
    assert (note["consumer"], note["aggregate_id"], note["reason"]) == ("mail", str(order), "undecodable")


async def test_bytes_of_no_aggregate_are_parked_alone(world: World) -> None:
    await world.start_shop()
    await world.start_mail()
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await eventually(lambda: world.mail.has(1))
    await world.client.jetstream().publish("evt.shop.order.placed.v1.0", b"nonsense")

    async def alone() -> bool:
        return await parked(world) == [(0, "undecodable")]

    await eventually(alone)
    assert await state(world) == [(1, "open")]


def envelope(order: UUID, version: int, kind: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/shop",
        "type": kind,
        "time": "2030-01-01T00:00:00Z",
        "datacontenttype": "application/json",
        "aggregateid": str(order),
        "aggregateversion": version,
        "data": {"order_id": str(order), "number": version, "new_field": "from a later minor version"},
    }


async def test_new_types_and_new_fields_of_a_known_major_version_are_passed_over(world: World) -> None:
    await by_hand(world)
    await world.start_mail()
    order = uuid4()
    for version, kind in ((1, "cancelled"), (2, "placed")):
        body = msgspec.json.encode(envelope(order, version, f"muster.shop.order.{kind}.v1"))
        await world.client.jetstream().publish(f"evt.shop.order.{kind}.v1.0", body)
    await eventually(lambda: world.mail.has(1))
    assert await world.mail.effects() == [2]
    assert await state(world) == [(2, "open")]


async def test_a_message_given_out_again_after_its_commit_has_no_second_effect(world: World) -> None:
    await world.start_shop()
    order = uuid4()
    await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for number in range(1, 4)))
    process = await world.spawn("mail", "inbox.after_commit:exit7@2")
    assert await asyncio.wait_for(process.wait(), 90) == 7
    assert await world.mail.effects() == [1, 2]
    await world.start_mail()
    await eventually(lambda: world.mail.has(3))
    report = await world.report()
    assert report.ok, report.rows()
    assert await world.mail.effects() == [1, 2, 3]


@pytest.mark.parametrize("place", ["inbox.before_commit", "inbox.after_ack"])
async def test_a_reader_that_is_killed_goes_on_where_it_was(world: World, place: str) -> None:
    await world.start_shop()
    order = uuid4()
    await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for number in range(1, 6)))
    process = await world.spawn("mail", f"{place}:exit7@3")
    assert await asyncio.wait_for(process.wait(), 90) == 7
    await world.start_mail()
    await eventually(lambda: world.mail.has(5))
    assert await world.mail.effects() == [1, 2, 3, 4, 5]
    assert (await world.report()).ok


async def test_an_event_that_ends_the_process_each_time_is_parked_by_the_servers_advisory(world: World) -> None:
    order = uuid4()
    await world.start_shop()
    await world.shop.publish(OrderPlaced(order_id=order, number=1))
    for _ in range(3):
        process = await world.spawn("mail", "inbox.before_commit:exit7@1")
        assert await asyncio.wait_for(process.wait(), 90) == 7
    await world.start_mail()

    async def given_up() -> bool:
        return await parked(world) == [(1, "failed")]

    await eventually(given_up, 90)
    assert await state(world) == [(0, "parked")]
    assert await dead_letters.retry(world.mail.sessions, "mail", TABLE) == 1
    assert await world.mail.effects() == [1]


async def test_an_event_whose_world_is_not_ready_is_held_and_never_parked(world: World) -> None:
    tries = 0

    async def patient(session: AsyncSession, one: OrderPlaced, meta: Meta) -> None:
        nonlocal tries
        tries += 1
        if tries < 12:
            raise Later(0.02)
        await record(session, one, meta)

    await world.start_shop()
    await world.start_mail({OrderPlaced: patient})
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await eventually(lambda: world.mail.has(1))
    assert tries == 12
    info = await world.client.jetstream().consumer_info("EVT_SHOP", "mail")
    assert info.delivered is not None
    assert info.delivered.consumer_seq == 1


async def test_a_lost_database_holds_events(world: World) -> None:
    await world.start_shop()
    await world.start_mail()
    admin = await asyncpg.connect(world.mail.url.rpartition("/")[0] + "/postgres")
    name = world.mail.url.rpartition("/")[2]
    order = uuid4()
    await world.shop.publish(OrderPlaced(order_id=order, number=1))
    await eventually(lambda: world.mail.has(1))
    await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for number in range(2, 5)))
    await asyncio.sleep(2)
    await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await admin.close()
    await asyncio.sleep(STALL_SECONDS + 0.5)
    await eventually(lambda: world.mail.has(4), 90)
    assert await world.mail.effects() == [1, 2, 3, 4]
    assert await parked(world) == []


async def test_a_slow_handler_is_not_given_the_same_event_again(world: World) -> None:
    calls = 0

    async def slow(session: AsyncSession, one: OrderPlaced, meta: Meta) -> None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(3)  # ack_wait is 1.5 s
        await record(session, one, meta)

    await world.start_shop()
    await world.start_mail({OrderPlaced: slow})
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await eventually(lambda: world.mail.has(1))
    assert calls == 1


async def test_an_aggregate_that_a_reader_takes_up_later_comes_whole(world: World) -> None:
    await world.start_shop()
    mail = await world.start_mail({BasketFilled: record})
    order, basket = uuid4(), uuid4()
    await world.shop.publish(OrderPlaced(order_id=order, number=1), OrderNoted(order_id=order, number=2))
    await world.shop.publish(BasketFilled(basket_id=basket, number=9))
    await eventually(lambda: world.mail.has(1))
    await mail.stop()
    await world.start_mail({BasketFilled: record, OrderPlaced: record})
    await eventually(lambda: world.mail.has(2))
    assert await world.mail.effects() == [9, 1]


async def test_two_replicas_share_the_work(world: World) -> None:
    await world.start_shop()
    await world.start_mail()
    await world.start_mail()
    orders = [uuid4() for _ in range(10)]
    for number in range(10):
        await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for order in orders))
    await eventually(lambda: world.mail.has(100))
    for order in orders:
        rows = await world.mail.all("SELECT number FROM effects WHERE aggregate_id = :id ORDER BY id", id=str(order))
        assert [row.number for row in rows] == list(range(10))
    report = await world.report()
    assert report.ok, report.rows()


async def test_a_stop_finishes_what_is_being_handled(world: World) -> None:
    begun = asyncio.Event()

    async def steady(session: AsyncSession, one: OrderPlaced, meta: Meta) -> None:
        begun.set()
        await asyncio.sleep(0.5)
        await record(session, one, meta)

    await world.start_shop()
    table: Consumers = {OrderPlaced: steady}
    mail = await world.start_mail(table)
    order = uuid4()
    await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for number in range(1, 4)))
    await asyncio.wait_for(begun.wait(), 10)
    await mail.stop()
    assert await world.mail.effects() == [1]
    await world.start_mail(table)
    await eventually(lambda: world.mail.has(3))
    assert await world.mail.effects() == [1, 2, 3]


async def test_nobody_speaks_for_another_context(world: World) -> None:
    await by_hand(world)
    await world.start_mail()
    body = msgspec.json.encode(envelope(uuid4(), 1, "muster.shop.order.placed.v1"))
    await world.client.jetstream().publish("evt.shop.basket.filled.v1.0", body)

    async def alone() -> bool:
        return await parked(world) == [(0, "undecodable")]

    await eventually(alone)
    assert await state(world) == []
    assert await world.mail.effects() == []


def test_subjects_name_their_partition() -> None:
    order = UUID(int=7)
    assert subject(REGISTRY["shop.order.placed.v1"], str(order)).startswith("evt.shop.order.placed.v1.")
