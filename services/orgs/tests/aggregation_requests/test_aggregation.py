from uuid import UUID, uuid4

import pytest
from contracts.artifacts import CohortsReported
from contracts.identity import LoginsReported
from contracts.orgs import AggregationRequested
from orgs.aggregation_requests import commands
from orgs_world import World, new, ok, pointers, refused
from sqlalchemy import text

PATH = "/v1/aggregation-requests/"


def wanted(*entries: tuple[str, UUID]) -> dict:
    rows = [{"column": column, "individual-id": str(individual)} for column, individual in entries]
    return new("aggregation-requests", entries=rows)


async def progress(world: World, request: str) -> tuple[str, int, int]:
    shown = ok(await world.operator.get(f"{PATH}{request}/"))["data"]["attributes"]
    return shown["status"], shown["done"], shown["total"]


async def aggregates(world: World, individual: UUID) -> dict:
    return ok(await world.operator.get(f"/v1/individuals/{individual}/"))["data"]["attributes"]["aggregates"]


async def test_what_orgs_owns_is_there_at_once(world: World, outbox) -> None:
    organization = await world.organization()
    one, other = await world.individual(organization), await world.individual(organization)
    for _ in range(2):
        await world.group(organization, individual_ids=[one])
    off = await world.group(organization, individual_ids=[one])
    body = {"data": {"type": "individual-groups", "id": str(off), "attributes": {"is-active": False}}}
    ok(await world.operator.patch(f"/v1/individual-groups/{off}/", json=body))
    count = len(await outbox())
    answer = await world.operator.post(PATH, json=wanted(("group-count", one), ("group-count", other)))
    made = ok(answer, 201)["data"]
    assert (made["attributes"]["status"], made["attributes"]["done"], made["attributes"]["total"]) == ("done", 2, 2)
    assert made["attributes"]["finished-time"]
    assert (await aggregates(world, other))["group-count"] == 0
    shown = await aggregates(world, one)
    assert shown["group-count"] == 2
    assert (shown["last-login-time"], shown["cohort-count"], shown["completion"]) == (None, None, None)
    assert list(shown["computed-times"]) == ["group-count"]
    assert len(await outbox()) == count


async def test_what_others_own_is_asked_for_and_reported(world: World, hear, outbox, session) -> None:
    organization, user = await world.organization(), uuid4()
    one, other = sorted([await world.individual(organization), await world.individual(organization)])
    await session.execute(text("UPDATE individuals SET user_id = :user WHERE id = :id"), {"user": user, "id": one})
    entries = [(column, who) for column in ("last-login", "cohort-count", "completion") for who in (one, other)]
    request = ok(await world.operator.post(PATH, json=wanted(*entries, entries[0])), 201)["data"]["id"]
    assert await progress(world, request) == ("running", 0, 6)
    asked = [event for event in await outbox() if isinstance(event, AggregationRequested)]
    assert {event.column for event in asked} == {"last-login", "cohort-count", "completion"}
    assert all(event.individual_ids == (one, other) and event.user_ids == (user, None) for event in asked)
    whole = {"request_id": UUID(request), "individual_ids": (one, other)}
    await hear(LoginsReported(**whole, column="last-login", values=(1_700_000_000.5, None)))
    assert await progress(world, request) == ("running", 2, 6)
    report = CohortsReported(**whole, column="cohort-count", values=(3.0, 0.0))
    for _ in range(2):
        await hear(report)
    assert await progress(world, request) == ("running", 4, 6)
    await hear(CohortsReported(**whole, column="completion", values=(0.25, None)))
    assert await progress(world, request) == ("done", 6, 6)
    shown = await aggregates(world, one)
    assert shown["last-login-time"] == "2023-11-14T22:13:20.500000Z"
    assert (shown["cohort-count"], shown["completion"]) == (3, 0.25)
    shown = await aggregates(world, other)
    assert (shown["last-login-time"], shown["cohort-count"], shown["completion"]) == (None, 0, None)
    listed = ok(await world.operator.get("/v1/individuals/", params={"ids": [str(one)]}))["data"]
    assert listed[0]["attributes"]["aggregates"]["cohort-count"] == 3


async def test_reports_of_what_is_gone_are_no_matter(world: World, hear) -> None:
    gone = {"request_id": uuid4(), "individual_ids": (uuid4(),)}
    await hear(LoginsReported(**gone, column="last-login", values=(None,)))
    one = await world.individual(await world.organization())
    await hear(LoginsReported(request_id=uuid4(), individual_ids=(one,), column="last-login", values=(10.0,)))
    assert (await aggregates(world, one))["last-login-time"] == "1970-01-01T00:00:10Z"


async def test_others_individuals_are_named_and_nothing_is_asked_for(world: World, outbox, session) -> None:
    mine, other = await world.organization(), await world.organization()
    own, foreign = await world.individual(mine), await world.individual(other)
    admin = world.as_(await world.staff(mine, "org.admin"))
    count = len(await outbox())
    answer = await admin.post(PATH, json=wanted(("last-login", own), ("last-login", foreign), ("completion", uuid4())))
    where = "/data/attributes/entries/{}/individual-id"
    assert pointers(answer, 404) == {where.format(1), where.format(2)}
    assert len(await outbox()) == count
    assert (await session.execute(text("SELECT count(*) FROM aggregation_requests"))).scalar_one() == 0


@pytest.mark.parametrize(
    ("entries", "pointer"),
    [
        ([], ""),
        ([{"column": "age", "individual-id": str(UUID(int=1))}], "/0/column"),
        ([{"column": "completion", "individual-id": "x"}], "/0/individual-id"),
        ([{"column": "completion"}], "/0/individual-id"),
        ([{"column": "completion", "individual-id": str(UUID(int=1))}] * 1001, ""),
    ],
    ids=["none", "column", "id", "missing", "many"],
)
async def test_bad_input_is_named(world: World, entries, pointer) -> None:
    answer = await world.operator.post(PATH, json=new("aggregation-requests", entries=entries))
    assert pointers(answer, 400) == {f"/data/attributes/entries{pointer}"}


async def test_who_may_see_a_request_and_how_many_may_run(world: World, session) -> None:
    organization = await world.organization()
    one = await world.individual(organization)
    admin, other = [world.as_(await world.staff(organization, "org.admin")) for _ in range(2)]
    request = ok(await admin.post(PATH, json=wanted(("completion", one))), 201)["data"]["id"]
    ok(await admin.get(f"{PATH}{request}/"))
    refused(await other.get(f"{PATH}{request}/"), 404)
    refused(await admin.get(f"{PATH}{uuid4()}/"), 404)
    for _ in range(19):
        ok(await admin.post(PATH, json=wanted(("completion", one))), 201)
    answer = await admin.post(PATH, json=wanted(("completion", one)))
    assert answer.headers["retry-after"]
    refused(answer, 429)
    ok(await other.post(PATH, json=wanted(("completion", one))), 201)
    await session.execute(text("UPDATE aggregation_requests SET created_at = now() - interval '31 days'"))
    await session.execute(commands.SWEEP)
    refused(await admin.get(f"{PATH}{request}/"), 404)
