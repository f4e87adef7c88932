"""Announcing in the caller's transaction."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from messaging import Cause, cause, publish, publish_many
from messaging.envelope import compose, decode, decode_event
from messaging.partitions import expire_inbox, maintain
from messaging.relay import COLUMNS
from shop_world import OrderPlaced, World


async def test_versions_have_no_gap_under_concurrent_writers_and_rollbacks(world: World) -> None:
    order = uuid4()

    async def write(number: int) -> None:
        async with world.shop.sessions() as session:
            await publish(session, OrderPlaced(order_id=order, number=number))
            await (session.rollback() if number % 3 == 0 else session.commit())

    await asyncio.gather(*(write(number) for number in range(30)))
    rows = await world.shop.all("SELECT aggregate_version AS version FROM outbox ORDER BY id")
    assert [row.version for row in rows] == list(range(1, 21))


async def test_many_events_are_one_statement_in_their_order_with_versions_of_their_own(world: World) -> None:
    one, other = uuid4(), uuid4()
    await world.shop.publish(OrderPlaced(order_id=one, number=0))
    async with world.shop.sessions() as session:
        ids = await publish_many(
            session,
            [OrderPlaced(order_id=order, number=number) for number, order in enumerate((one, other, one, one), 1)],
        )
        assert await publish_many(session, []) == []
        await session.commit()
    rows = await world.shop.all(
        "SELECT event_id, aggregate_id, aggregate_version AS version, payload ->> 'number' AS number"
        " FROM outbox ORDER BY id"
    )
    assert [(row.aggregate_id, row.version, row.number) for row in rows] == [
        (str(one), 1, "0"),
        (str(one), 2, "1"),
        (str(other), 1, "2"),
        (str(one), 3, "3"),
        (str(one), 4, "4"),
    ]
    assert [row.event_id for row in rows][1:] == ids


async def test_writers_of_the_same_aggregates_in_other_orders_do_not_wait_for_each_other(world: World) -> None:
    orders = [uuid4() for _ in range(20)]

    async def write(number: int) -> None:
        async with world.shop.sessions.begin() as session:
            turned = orders[number:] + orders[:number]
            await publish_many(session, [OrderPlaced(order_id=order, number=number) for order in turned])

    await asyncio.gather(*(write(number) for number in range(16)))
    rows = await world.shop.all("SELECT max(aggregate_version) AS version FROM outbox GROUP BY aggregate_id")
    assert [row.version for row in rows] == [16] * 20


async def test_nothing_remains_of_a_rolled_back_transaction(world: World) -> None:
    async with world.shop.sessions() as session:
        await publish(session, OrderPlaced(order_id=uuid4()))
        await session.rollback()
    assert await world.shop.all("SELECT 1 FROM outbox") == []
    assert await world.shop.all("SELECT 1 FROM aggregate_versions") == []


async def test_the_envelope_is_a_cloud_event(world: World) -> None:
    order, tenant = uuid4(), uuid4()
    token = cause.set(Cause("before", "chain"))
    (event_id,) = await world.shop.publish(OrderPlaced(order_id=order, organization_id=tenant, number=7))
    cause.reset(token)
    database = await asyncpg.connect(world.shop.url)
    row = await database.fetchrow(f"SELECT {COLUMNS} FROM outbox")
    await database.close()
    assert row is not None
    raw = compose(row, None)
    sent = msgspec.json.decode(raw)
    assert sent.pop("time").endswith("Z")
    assert sent == {
        "specversion": "1.0",
        "id": str(event_id),
        "source": "/shop",
        "type": "muster.shop.order.placed.v1",
        "datacontenttype": "application/json",
        "aggregateid": str(order),
        "aggregateversion": 1,
        "tenantid": str(tenant),
        "causationid": "before",
        "correlationid": "chain",
        "data": {"order_id": str(order), "organization_id": str(tenant), "number": 7},
    }
    assert decode_event(decode(raw)) == OrderPlaced(order_id=order, organization_id=tenant, number=7)


async def test_an_event_that_is_too_large_is_refused_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.outbox.MAX_BYTES", 40)
    with pytest.raises(ValueError, match="an event may have 40"):
        await world.shop.publish(OrderPlaced(order_id=uuid4()))
    assert await world.shop.all("SELECT 1 FROM outbox") == []


async def test_partitions_come_and_go_and_pending_rows_stay(world: World) -> None:
    database = await asyncpg.connect(world.shop.url)
    for ago, published in ((40, True), (50, False)):
        time = datetime.now(UTC) - timedelta(days=ago)
        name = f"outbox_{time:%Y%m%d}"
        await database.execute(
            f"CREATE TABLE {name} PARTITION OF outbox FOR VALUES FROM ('{time:%Y-%m-%d} 00:00+00')"
            f" TO ('{time + timedelta(days=1):%Y-%m-%d} 00:00+00')"
        )
        await insert_row(database, time, published=published)
    await insert_row(database, datetime.now(UTC) - timedelta(days=60), published=True)  # in the default partition
    await database.execute("DROP TABLE " + (datetime.now(UTC) + timedelta(days=7)).strftime("outbox_%Y%m%d"))
    await maintain(database, timedelta(days=31))
    rows = await database.fetch("SELECT published_at FROM outbox")
    assert [row["published_at"] for row in rows] == [None]
    leaves = await database.fetchval("SELECT count(*) FROM pg_partition_tree('outbox') WHERE isleaf")
    assert leaves == 1 + 8 + 1  # default, today and a week ahead, and the old day with a row that waits
    await database.close()


async def test_old_inbox_rows_are_deleted_in_batches(world: World) -> None:
    database = await asyncpg.connect(world.shop.url)
    await database.execute(
        "INSERT INTO inbox SELECT 'shop', gen_random_uuid(), 't', 'a', 'b', n, 's', n,"
        " clock_timestamp() - make_interval(days => n) FROM generate_series(1, 60) n"
    )
    assert await expire_inbox(database, timedelta(days=31, hours=1), batch=7) == 29
    assert await database.fetchval("SELECT count(*) FROM inbox") == 31
    await database.close()


async def insert_row(database: asyncpg.Connection, time: datetime, *, published: bool) -> UUID:
    event_id = uuid4()
    await database.execute(
        "INSERT INTO outbox (event_id, event_type, aggregate_type, aggregate_id, aggregate_version, subject, payload,"
        " headers, created_at, published_at) VALUES ($1, 't', 'a', 'b', 1, 's', '{}', '{}', $2, $3)",
        event_id,
        time,
        time if published else None,
    )
    return event_id
