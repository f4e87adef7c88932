from datetime import timedelta
from uuid import uuid4

from kernel import now, rfc3339
from orgs_world import World, change, ids, ok, parameters, refused


async def test_staff_read_it_strangers_do_not_learn_of_it(world: World) -> None:
    organization = await world.organization("Harbour")
    member = await world.staff(organization)
    path = f"/v1/organizations/{organization}/"
    assert ok(await world.as_(member).get(path))["data"]["id"] == str(organization)
    assert ok(await world.client.as_service("artifacts").get(path))["data"]["attributes"]["name"] == "Harbour"
    support = world.client.as_(user_id=uuid4(), roles=("system.support",))
    assert ok(await support.get(path))["data"]["id"] == str(organization)
    stranger = await world.staff(await world.organization("Another"), "org.admin")
    refused(await world.as_(stranger).get(path), 404)
    refused(await world.operator.get(f"/v1/organizations/{uuid4()}/"), 404)


async def test_the_list_holds_ones_own(world: World) -> None:
    first, second = await world.organization("First"), await world.organization("Second")
    member = world.as_(await world.staff(first))
    listed = ok(await member.get("/v1/organizations/"))
    assert [row["id"] for row in listed["data"]] == [str(first)]
    assert listed["meta"] == {"page[limit]": 25, "page[offset]": 0, "page[total]": 1}
    assert {first, second} <= set(ids(await world.operator.get("/v1/organizations/?page[limit]=1000")))


async def test_filters(world: World) -> None:
    member = world.neighbours.user()
    names = ["North 100%", "North_Shore", "South"]
    made = [await world.organization(name) for name in names]
    for organization in made:
        body = {"data": {"type": "organizations", "attributes": {"user-id": str(member)}}}
        ok(await world.operator.post(f"/v1/organizations/{organization}/add-user/", json=body), 201)
    person = world.as_(member)
    off = change("organizations", made[2], is_active=False)
    ok(await world.operator.patch(f"/v1/organizations/{made[2]}/", json=off))

    async def found(**query) -> list:
        return ids(await person.get("/v1/organizations/", params=query))

    assert await found() == made[:2]
    assert await found(**{"filter[include-inactive]": "true"}) == made
    assert await found(**{"filter[name]": "North_Shore"}) == [made[1]]
    assert await found(**{"filter[name]": "north_shore"}) == []
    assert await found(**{"filter[name][contains]": "north"}) == made[:2]
    assert await found(**{"filter[name][contains]": "100%"}) == [made[0]]
    assert await found(**{"filter[name][contains]": "h_s"}) == [made[1]]
    later = rfc3339(now() + timedelta(hours=1))
    assert await found(**{"filter[cmp-last-modified-time]": f">{later}"}) == []
    assert await found(**{"filter[cmp-last-modified-time]": f"<{later}"}) == made[:2]
    assert await found(**{"page[limit]": 1, "page[offset]": 1}) == [made[1]]


async def test_wrong_parameters_are_named(world: World) -> None:
    query = {"page[limit]": 0, "filter[cmp-last-modified-time]": "yesterday" * 9, "filter[nam]": "x"}
    answer = await world.operator.get("/v1/organizations/", params=query)
    assert parameters(answer, 400) == {"page[limit]", "filter[cmp-last-modified-time]", "filter[nam]"}
    answer = await world.operator.get("/v1/organizations/?filter[cmp-last-modified-time]=soon")
    assert parameters(answer, 400) == {"filter[cmp-last-modified-time]"}


async def test_the_order_of_the_list(world: World) -> None:
    made = [await world.organization(name) for name in ("Beta", "alpha", "Gamma")]
    ok(await world.operator.patch(f"/v1/organizations/{made[0]}/", json=change("organizations", made[0], name="Delta")))

    async def order(by: str) -> list[int]:
        found = ids(await world.operator.get("/v1/organizations/", params={"sort": by, "page[limit]": 1000}))
        return [made.index(one) for one in found if one in made]

    assert await order("created-time") == [0, 1, 2]
    assert await order("-number") == [2, 1, 0]
    assert await order("-last-modified-time") == [0, 2, 1]
    assert await order("name") != await order("-name")
    assert parameters(await world.operator.get("/v1/organizations/?sort=size"), 400) == {"sort"}
