"""The lists of groups, who is eligible, and the record."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from kernel import now, rfc3339
from orgs_world import World, change, ids, ok, parameters, refused


@pytest.fixture
def listed(world: World):
    async def get(client=None, version: int = 2, **query) -> list[UUID]:
        answer = await (client or world.operator).get(f"/v{version}/individual-groups/", params=query)
        return ids(answer)

    return get


async def test_filters_of_both_versions(world: World, listed) -> None:
    organization = await world.organization()
    one, two = await world.individual(organization), await world.individual(organization)
    lead = await world.staff(organization)
    top = await world.group(organization, name="North", node_type="division", tags=["a", "b"])
    ward = await world.group(organization, top, name="Ward 3%", tags=["b"], leader_ids=[lead], individual_ids=[one])
    staff = await world.group(organization, name="Night staff", type="provider_only")
    every = [top, ward, staff]
    kept = await world.kept(organization)
    for version in (1, 2):

        async def found(version=version, **query) -> list[UUID]:
            return await listed(version=version, **{"organization-id": str(organization)} | query)

        assert await found() == every
        assert await found(name="North") == [top]
        assert await found(ids=[str(ward), str(staff), str(uuid4())]) == [ward, staff]
        assert await found(type=["all_participants", "regular"]) == [kept["all_participants"], top, ward]
        assert await found(**{"filter[node-type]": "division"}) == [top]
        assert await found(**{"filter[text]": "3%"}) == [ward]
        assert await found(**{"filter[text]": "NIGHT"}) == [staff]
        assert await found(**{"filter[tags]": ["a", "x"]}) == [top]
        assert await found(**{"filter[tags]": ["b"]}) == [top, ward]
        assert await found(**{"filter[parent-group-id]": str(top)}) == [ward]
        assert await found(**{"filter[leader-id]": str(lead)}) == [ward]
        assert await found(**{"filter[individual-id]": str(one)}) == [ward]
        assert await found(**{"exclude[individual-id]": str(one)}) == [top, staff]
        assert await found(**{"filter[eligible-individual-id]": str(one)}) == [top]
        assert await found(**{"filter[eligible-individual-id]": str(two)}) == [top, ward]
        assert await found(**{"filter[exclude-ids]": [str(top)]}) == [ward, staff]
        assert await found(**{"filter[tree-node-type]": "leaf"}) == [ward, staff]
        assert await found(**{"filter[tree-node-type]": "non-leaf"}) == [top]
        later = rfc3339(now() + timedelta(hours=1))
        assert await found(**{"filter[cmp-last-modified-time]": f">={later}"}) == []
        window = [">2020-01-01T00:00:00Z", f"<={later}"]
        assert await found(**{"filter[cmp-last-modified-time]": window}) == every
        assert await found(**{"page[limit]": 1, "page[offset]": 1}) == [ward]
        assert await found(**{"page[offset]": 9}) == []


async def test_inactive_groups_show_only_when_asked_for(world: World, listed) -> None:
    organization = await world.organization()
    group = await world.group(organization)
    off = change("individual-groups", group, is_active=False)
    ok(await world.operator.patch(f"/v1/individual-groups/{group}/", json=off))
    query = {"organization-id": str(organization)}
    assert await listed(**query) == []
    assert await listed(**query, **{"filter[include-inactive]": "true"}) == [group]
    refused(await world.operator.get(f"/v2/individual-groups/{group}/"), 404)
    attributes = ok(await world.operator.get(f"/v2/individual-groups/{group}/?filter[include-inactive]=true"))
    assert attributes["data"]["attributes"]["is-active"] is False


async def test_wrong_parameters_are_named(world: World) -> None:
    query = {"type": "mine", "ids": "x", "filter[tags]": "t" * 128, "filter[text]": "t" * 256, "with-individuals": "2"}
    answer = await world.operator.get("/v1/individual-groups/", params=query)
    assert parameters(answer, 400) == set(query)
    answer = await world.operator.get("/v2/individual-groups/?with-individuals=true")
    assert parameters(answer, 400) == {"with-individuals"}
    answer = await world.operator.get("/v2/individual-groups/?filter[cmp-last-modified-time]=~2020-01-01")
    assert parameters(answer, 400) == {"filter[cmp-last-modified-time]"}


async def test_everybody_sees_what_they_may(world: World, listed) -> None:
    organization, other = await world.organization(), await world.organization()
    top = await world.group(organization)
    low, side = await world.group(organization, top), await world.group(organization)
    foreign = await world.group(other)
    lead, member = await world.staff(organization), await world.staff(organization)
    ok(await world.act(top, "add-leaders", user_ids=[lead]), 201)
    ok(await world.act(side, "add-members", user_ids=[member]), 201)
    assert await listed(world.as_(lead)) == [top, low]
    assert await listed(world.as_(member)) == [side]
    assert await listed(world.as_(await world.staff(organization))) == []
    assert await listed(world.as_(member), **{"organization-id": str(other)}) == []
    assert await listed(world.as_(member), ids=[str(foreign), str(side)]) == [side]
    assert set(await listed(world.client.as_service("authz"), **{"page[limit]": 1000})) >= {top, low, side, foreign}
    rows = ok(await world.as_(lead).get("/v1/individual-groups/"))["data"]
    assert [row["attributes"]["self-can-write"] for row in rows] == [True, True]


async def test_people_in_the_first_versions_list(world: World) -> None:
    organization = await world.organization()
    one = await world.individual(organization)
    await world.group(organization, individual_ids=[one], leader_ids=[world.operator_id])
    query = f"organization-id={organization}"
    plain = ok(await world.operator.get(f"/v1/individual-groups/?{query}"))["data"][0]["attributes"]
    assert plain["leader-ids"] == [str(world.operator_id)]
    assert "individual-ids" not in plain
    full = ok(await world.operator.get(f"/v1/individual-groups/?{query}&with-individuals=true"))["data"][0][
        "attributes"
    ]
    assert full["individual-ids"] == [str(one)]


async def test_who_is_eligible(world: World) -> None:
    organization = await world.organization()
    await world.staff(await world.organization())
    group = await world.group(organization)
    ana = await world.staff(organization, first_name="Ana", email_verified=True, registration_invite="accepted")
    ben = await world.staff(organization, first_name="Ben")
    here, free = await world.individual(organization), await world.individual(organization, first_name="Cy")
    ok(await world.act(group, "add-leaders", user_ids=[ana]), 201)
    ok(await world.act(group, "add-individuals", individual_ids=[here]), 201)

    async def eligible(**query) -> set[UUID]:
        answer = ok(await world.operator.get(f"/v1/individual-groups/{group}/eligible-members/", params=query))
        assert answer["meta"]["page[total]"] == len(answer["data"])
        assert {row["member-type"] for row in answer["data"]} <= {query.get("member-type", "leader")}
        return {UUID(row["id"]) for row in answer["data"]}

    assert await eligible() == {ben, world.operator_id}
    assert await eligible(**{"member-type": "member"}) == {ana, ben, world.operator_id}
    assert await eligible(**{"for-children": "true"}) == {ana, ben, world.operator_id}
    assert await eligible(**{"for-children": "true", "filter[text]": "an"}) == {ana}
    assert await eligible(**{"member-type": "member", "filter[verified]": "true"}) == {ana}
    assert await eligible(**{"member-type": "member", "filter[verified]": "false"}) == {ben, world.operator_id}
    assert await eligible(**{"member-type": "member", "filter[registration-invite]": "accepted"}) == {ana}
    assert await eligible(**{"member-type": "individual"}) == {free}
    assert await eligible(**{"member-type": "individual", "for-children": "true"}) == {here, free}
    assert await eligible(**{"member-type": "individual", "filter[text]": "cy"}) == {free}
    assert await eligible(**{"member-type": "individual", "filter[verified]": "true"}) == set()
    answer = await world.operator.get(f"/v1/individual-groups/{group}/eligible-members/?member-type=boss")
    assert parameters(answer, 400) == {"member-type"}
    refused(await world.as_(ben).get(f"/v1/individual-groups/{group}/eligible-members/"), 403)
    found = ok(await world.as_(ana).get(f"/v1/individual-groups/{group}/eligible-members/?member-type=individual"))
    assert found["data"] == []


async def test_pages_of_the_people_of_a_group(world: World) -> None:
    organization = await world.organization()
    group = await world.group(organization)
    people = [await world.individual(organization) for _ in range(5)]
    ok(await world.act(group, "add-individuals", individual_ids=people), 201)
    path = f"/v1/individual-group-individuals/?individual-group-id={group}"
    pages = [ok(await world.operator.get(f"{path}&page[limit]=2&page[offset]={start}")) for start in (0, 2, 4)]
    assert [UUID(row["id"]) for page in pages for row in page["data"]] == sorted(people)
    assert {page["meta"]["page[total]"] for page in pages} == {5}
    assert pages[0]["data"][0]["attributes"]["individual-group-id"] == str(group)
    lead = await world.staff(organization, first_name="Lea", username="lea")
    ok(await world.act(group, "add-leaders", user_ids=[lead]), 201)
    leaders = ok(await world.operator.get(f"/v1/individual-group-leaders/?individual-group-id={group}"))["data"]
    assert leaders[0]["attributes"]["leader"] == {
        "id": str(lead),
        "first-name": "Lea",
        "last-name": None,
        "username": "lea",
    }
    for kind in ("individuals", "leaders"):
        path = f"/v1/individual-group-{kind}/"
        assert parameters(await world.operator.get(path), 400) == {"individual-group-id"}
        refused(await world.operator.get(f"{path}?individual-group-id={uuid4()}"), 404)
        stranger = world.as_(await world.staff(await world.organization(), "org.admin"))
        refused(await stranger.get(f"{path}?individual-group-id={group}"), 404)
        refused(await world.as_(await world.staff(organization)).get(f"{path}?individual-group-id={group}"), 403)


async def test_the_record(world: World) -> None:
    organization = await world.organization()
    group, other = await world.group(organization), await world.group(organization)
    one, lead = await world.individual(organization), await world.staff(organization)
    ok(await world.act(group, "add-leaders", user_ids=[lead]), 201)
    ok(await world.act(group, "add-individuals", world.operator, individual_ids=[one]), 201)
    ok(await world.act(other, "add-individuals", individual_ids=[one], remove_from_group=group), 201)

    async def record(client=None, **query) -> list[tuple[str, str, str]]:
        found = ok(await (client or world.operator).get("/v1/individual-group-logs/", params=query))["data"]
        rows = [row["attributes"] for row in found]
        assert all(row["created-by"] == {"id": str(world.operator_id)} for row in rows)
        assert all((row["individual-id"] is None) == (row["subject"] != "individual") for row in rows)
        return [(row["event"], row["subject"], row["individual-group-id"]) for row in rows]

    a, b = str(group), str(other)
    every = [("add", "leader", a), ("add", "individual", a), ("remove", "individual", a), ("add", "individual", b)]
    assert await record(**{"organization-id": str(organization)}) == every
    assert await record(**{"individual-id": str(one)}) == every[1:]
    assert await record(**{"filter[individual-id]": str(one)}) == every[1:]
    assert await record(**{"individual-group-id": b}) == every[3:]
    assert await record(world.as_(lead)) == every[:3]
    assert await record(world.as_(await world.staff(organization))) == []
    stranger = world.as_(await world.staff(await world.organization(), "org.admin"))
    assert await record(stranger, **{"organization-id": str(organization)}) == []
    ok(await world.operator.delete(f"/v1/individual-groups/{group}/"), 204)
    assert ("remove", "leader", a) in await record(**{"organization-id": str(organization)})
    assert await record(world.as_(lead)) == []


async def test_a_log_cannot_be_written(world: World) -> None:
    assert (await world.operator.post("/v1/individual-group-logs/", json={})).status_code == 405
