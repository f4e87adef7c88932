"""Pages far down, and what changes between them."""

from uuid import UUID

from orgs.individual_group_logs import counting
from orgs_world import World, change, ids, ok


async def test_pages_are_those_of_the_whole_list_whatever_changed_before(world: World) -> None:
    organization = await world.organization()
    groups = [await world.group(organization, name=f"G{number}") for number in range(23)]
    people = [await world.individual(organization) for _ in range(9)]
    group = groups[0]
    ok(await world.act(group, "add-individuals", individual_ids=people), 201)
    lists = (
        f"/v2/individual-groups/?organization-id={organization}",
        f"/v1/individual-groups/?organization-id={organization}&filter[tree-node-type]=leaf",
        f"/v2/individual-groups/?organization-id={organization}&filter[exclude-ids]={groups[5]}",
        f"/v1/individual-group-individuals/?individual-group-id={group}",
        f"/v1/individual-group-logs/?organization-id={organization}",
    )

    async def compare() -> None:
        for path in lists:
            whole = ids(await world.operator.get(path))
            for offset in (*range(0, len(whole), 4), 3, len(whole) - 1):
                answer = ok(await world.operator.get(f"{path}&page[limit]=4&page[offset]={offset}"))
                found = [UUID(row["id"]) for row in answer["data"]]
                assert found == whole[offset : offset + 4], (path, offset)
                assert answer["meta"]["page[total]"] == len(whole)

    await compare()
    ok(await world.operator.delete(f"/v1/individual-groups/{groups[3]}/"), 204)
    ok(await world.act(group, "remove-individuals", individual_ids=people[2:4]), 201)
    await compare()
    off = change("individual-groups", groups[9], is_active=False)
    ok(await world.operator.patch(f"/v1/individual-groups/{groups[9]}/", json=off))
    division = change("individual-groups", groups[11], node_type="division")
    ok(await world.operator.patch(f"/v1/individual-groups/{groups[11]}/", json=division))
    await world.group(organization, groups[12])
    ok(await world.act(groups[2], "move-group", to_parent_group_id=groups[20]), 201)
    ok(await world.act(group, "add-individuals", individual_ids=people[3:4]), 201)
    await compare()


async def test_pages_of_the_counted_record(live_world: World) -> None:
    world = live_world
    organization = await world.organization()
    group = await world.group(organization)
    people = [await world.individual(organization) for _ in range(12)]
    ok(await world.act(group, "add-individuals", individual_ids=people), 201)
    path = f"/v1/individual-group-logs/?organization-id={organization}"
    for _ in range(2):
        whole = ids(await world.operator.get(path))
        pages = [ids(await world.operator.get(f"{path}&page[limit]=5&page[offset]={n}")) for n in (0, 5, 10, 7, 3)]
        assert pages == [whole[n : n + 5] for n in (0, 5, 10, 7, 3)]
        await counting.count_entries(world.client.app.state.runtime)
        ok(await world.act(group, "remove-individuals", individual_ids=people[:4]), 201)


async def test_a_hundred_percent_is_no_wildcard(world: World) -> None:
    organization = await world.organization()
    groups = {name: await world.group(organization, name=name) for name in ("100% well", "100 or so", "a/b_c", "aXbYc")}

    async def found(sought: str) -> list[UUID]:
        query = {"organization-id": str(organization), "filter[text]": sought}
        return ids(await world.operator.get("/v2/individual-groups/", params=query))

    assert await found("100%") == [groups["100% well"]]
    assert await found("%") == [groups["100% well"]]
    assert await found("/b_C") == [groups["a/b_c"]]
    assert await found("B_c") == [groups["a/b_c"]]
    ok(
        await world.operator.patch(
            f"/v1/individual-groups/{groups['aXbYc']}/",
            json=change("individual-groups", groups["aXbYc"], name="Über Sechs", tags=["nächtlich"]),
        )
    )
    assert await found("SECHS") == await found("NÄCHT") == await found("ü") == [groups["aXbYc"]]
    assert await found("xby") == []
