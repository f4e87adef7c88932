"""The record's length is known without counting it, and exact whatever is being written."""

from datetime import timedelta
from uuid import UUID

from orgs.individual_group_logs import counting
from orgs_world import World, ok
from sqlalchemy import text

ENTRIES = text("SELECT coalesce(sum(entries), 0) FROM group_log_counts WHERE organization_id = :id")


async def length(world: World, organization: UUID, **query) -> int:
    answer = await world.operator.get(
        "/v1/individual-group-logs/", params={"organization-id": str(organization), "page[limit]": 1} | query
    )
    return ok(answer)["meta"]["page[total]"]


async def test_entries_are_counted_once_and_late_ones_are_not_missed(live_world: World, monkeypatch) -> None:
    world = live_world
    runtime = world.client.app.state.runtime
    monkeypatch.setattr(counting, "MARGIN", timedelta(milliseconds=-5))
    organization = await world.organization()
    group = await world.group(organization)
    people = [await world.individual(organization) for _ in range(4)]

    async def counted() -> int:
        async with runtime.reads() as session:
            return int(await session.scalar(ENTRIES, {"id": organization}) or 0)

    ok(await world.act(group, "add-individuals", individual_ids=people[:2]), 201)
    assert (await length(world, organization), await counted()) == (2, 0)
    await counting.count_entries(runtime)
    assert (await length(world, organization), await counted()) == (2, 2)
    async with runtime.sessions.begin() as late:
        await late.execute(text("SELECT 1"))
        ok(await world.act(group, "add-individuals", individual_ids=people[2:3]), 201)
        await counting.count_entries(runtime)
        assert (await length(world, organization), await counted()) == (3, 2)
        written = {"organization": organization, "group": group, "person": people[3]}
        await late.execute(
            text("""
            INSERT INTO group_logs (id, organization_id, group_id, subject, event, person_id)
            VALUES (uuidv7(), :organization, :group, 'individual', 'add', :person)
            """),
            written,
        )
    await counting.count_entries(runtime)
    assert (await length(world, organization), await counted()) == (4, 4)
    await counting.count_entries(runtime)
    assert (await length(world, organization), await counted()) == (4, 4)
    assert await length(world, organization, **{"filter[individual-id]": str(people[0])}) == 1
    staff = world.as_(await world.staff(organization))
    answer = await staff.get("/v1/individual-group-logs/", params={"organization-id": str(organization)})
    assert ok(answer)["meta"]["page[total]"] == 0
