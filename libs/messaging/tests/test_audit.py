"""The auditor finds each fault that is planted, and nothing where there is none."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from messaging.audit import Report
from shop_world import OrderPlaced, World, eventually

MIDDLE, END = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"

Plant = Callable[[World], Awaitable[None]]


async def calm(world: World) -> None:
    """Six events of two aggregates, applied; then both services stop."""
    shop, mail = await world.start_shop(), await world.start_mail()
    orders = [uuid4(), uuid4()]
    for number in range(3):
        await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for order in orders))
    await eventually(lambda: world.mail.has(6))
    report = await world.report()
    assert report.ok, report.rows()
    assert report.counts == {"events": 6, "effects": 6, "acts": 0}
    await shop.stop()
    await mail.stop()


async def unpublished(world: World) -> None:
    await world.shop.run(
        "UPDATE outbox SET published_at = NULL, created_at = created_at - interval '1 minute'"
        " WHERE id = (SELECT max(id) FROM outbox)"
    )


async def lost(world: World) -> None:
    jetstream = world.client.jetstream()
    config = (await jetstream.stream_info("EVT_SHOP")).config
    await jetstream.delete_stream("EVT_SHOP")
    await jetstream.add_stream(config)


async def outbox_gap(world: World) -> None:
    await world.shop.run("DELETE FROM outbox WHERE aggregate_version = 2")


async def version_ahead(world: World) -> None:
    await world.shop.run("UPDATE aggregate_versions SET version = version + 1")


async def stranger(world: World) -> None:
    await world.client.jetstream().publish("evt.shop.order.placed.v1.0", b"{}", headers={"Nats-Msg-Id": str(uuid4())})


async def unapplied(world: World) -> None:
    await world.mail.run("DELETE FROM inbox WHERE aggregate_version = 3")
    await world.mail.run("UPDATE inbox_aggregates SET version = 2")


async def doubled(world: World) -> None:
    await world.mail.run(
        "INSERT INTO inbox SELECT consumer, gen_random_uuid(), event_type, aggregate_type,"
        " aggregate_id, aggregate_version, stream, sequence FROM inbox LIMIT 1"
    )


async def effect_gap(world: World) -> None:
    await world.mail.run("DELETE FROM inbox WHERE aggregate_version = 2")


async def effect_behind(world: World) -> None:
    await world.mail.run("UPDATE inbox_aggregates SET version = 7")


async def parked(world: World) -> None:
    await world.mail.run(
        "INSERT INTO parked_events SELECT 'mail', gen_random_uuid(), 'shop.order', 'x', 1, 's', 't',"
        " 1, '{}', '', 'failed', 'why', 8"
    )


async def position_behind(world: World) -> None:
    await world.mail.run("CREATE TABLE applied_positions (context text, sequence bigint)")
    await world.mail.run("INSERT INTO applied_positions VALUES ('shop', 5)")


async def quarantined(world: World) -> None:
    await world.mail.run("CREATE TABLE quarantined_events (context text, sequence bigint, problem text)")
    await world.mail.run("INSERT INTO quarantined_events VALUES ('shop', 5, 'no such thing')")


async def saga(world: World) -> None:
    await world.mail.run(
        "CREATE TABLE sagas (kind text, id uuid, status text, started_at timestamptz, ended_at timestamptz,"
        " due_at timestamptz)"
    )
    for ended, due in (
        ("NULL", "now() - interval '1 second'"),
        ("NULL", "now() + interval '1 hour'"),
        ("now()", "now()"),
    ):
        await world.mail.run(f"INSERT INTO sagas VALUES ('move', gen_random_uuid(), 'running', now(), {ended}, {due})")
    await world.mail.run("INSERT INTO sagas VALUES ('move', gen_random_uuid(), 'failed', now(), now(), now())")


async def acts_gone(world: World) -> None:
    """Of five acts of one organization the third is gone, of four of another the last two; a third one's are whole."""
    await world.shop.run("CREATE TABLE audit_events (organization_id uuid, number bigint)")
    await world.shop.run("CREATE TABLE audit_counters (organization_id uuid, last bigint)")
    whole = ("00000000-0000-0000-0000-000000000000", [1, 2], 2)
    for line, numbers, last in ((MIDDLE, [1, 2, 4, 5], 5), (END, [1, 2], 4), whole):
        await world.shop.run(
            "INSERT INTO audit_events SELECT nullif(:line, :nobody)::uuid, n FROM unnest(CAST(:numbers AS int[])) n",
            line=line,
            nobody=whole[0],
            numbers=numbers,
        )
        await world.shop.run("INSERT INTO audit_counters VALUES (CAST(:line AS uuid), :last)", line=line, last=last)


PLANTS: list[tuple[Plant, set[str]]] = [
    (unpublished, {"unpublished"}),
    (lost, {"lost"}),
    (outbox_gap, {"outbox-gap", "stranger", "unexplained"}),
    (version_ahead, {"outbox-gap"}),
    (stranger, {"stranger", "lag"}),
    (unapplied, {"unapplied"}),
    (doubled, {"doubled", "unexplained"}),
    (effect_gap, {"effect-gap"}),
    (effect_behind, {"effect-gap"}),
    (parked, {"parked"}),
    (position_behind, {"lag"}),
    (quarantined, {"parked"}),
    (saga, {"saga-late"}),
    (acts_gone, {"trail-gap"}),
]


def seen(report: Report) -> set[str]:
    return {one.kind for one in report.faults} | ({"lag"} if report.lag else set())


@pytest.mark.parametrize(("plant", "kinds"), PLANTS, ids=[plant.__name__ for plant, _ in PLANTS])
async def test_each_planted_fault_is_found(world: World, plant: Plant, kinds: set[str]) -> None:
    await calm(world)
    await plant(world)
    report = await world.report(0)
    assert not report.ok
    assert seen(report) == kinds
    assert len(report.rows()) >= len(kinds)
    assert [one.kind for one in report.notes if one.kind.startswith("saga")] == ["saga-failed"] * (plant is saga)


async def test_which_acts_are_missing(world: World) -> None:
    await acts_gone(world)
    report = await world.report(0)
    assert report.counts["acts"] == 11
    assert report.rows() == [
        ("fault", "shop", "trail-gap", f"organization {MIDDLE} acts 3 to 3 are missing"),
        ("fault", "shop", "trail-gap", f"organization {END} acts 3 to 4 are missing"),
    ]
    await world.shop.run(f"INSERT INTO audit_events VALUES ('{MIDDLE}', 3), ('{END}', 3), ('{END}', 4), ('{END}', 4)")
    (left,) = (await world.report(0)).rows()
    assert left[3] == f"organization {END} act 4 is there twice"


async def test_events_that_nobody_has_read_are_lag(world: World) -> None:
    await calm(world)
    await world.start_shop()
    await world.shop.publish(OrderPlaced(order_id=uuid4()))

    async def behind() -> bool:
        return seen(await world.report(0)) == {"lag", "unapplied"}

    await eventually(behind)
