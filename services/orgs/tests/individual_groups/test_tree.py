"""Making, changing, moving and removing groups."""

from uuid import UUID, uuid4

import pytest
from contracts.orgs import GroupCreated, GroupDeleted, GroupMoved, GroupUpdated
from orgs_world import World, change, new, ok, pointers, refused
from testkit.races import race


async def test_a_group_with_its_first_people(world: World, outbox) -> None:
    organization = await world.organization()
    parent = await world.group(organization, name="North", node_type="division")
    one, lead = await world.individual(organization), await world.staff(organization)
    body = new(
        "individual-groups",
        organization_id=organization,
        parent_group_id=parent,
        name="Ward 3",
        tags=["heart", "heart", "night"],
        leader_ids=[lead],
        individual_ids=[one],
    )
    made = ok(await world.operator.post("/v1/individual-groups/", json=body), 201)["data"]
    attributes = made["attributes"]
    assert attributes["parent-group"] == {"id": str(parent), "name": "North"}
    assert attributes["tags"] == ["heart", "night"]
    assert attributes["leader-ids"] == [str(lead)]
    assert attributes["individual-ids"] == [str(one)]
    assert (attributes["node-type"], attributes["type"], attributes["self-can-write"]) == ("group", "regular", True)
    assert (await world.read_group(parent))["child-count"] == 1
    created = [event for event in await outbox() if isinstance(event, GroupCreated)][-1]
    assert (created.group_id, created.parent_id, created.name) == (UUID(made["id"]), parent, "Ward 3")


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"name": ""}, "/data/attributes/name"),
        ({"node_type": "tree"}, "/data/attributes/node-type"),
        ({"type": "unassigned"}, "/data/attributes/type"),
        ({"tags": ["x" * 128]}, "/data/attributes/tags/0"),
        ({"child_count": 3}, "/data/attributes/child-count"),
        ({"type": "provider_only", "individual_ids": [uuid4()]}, "/data/attributes/individual-ids"),
    ],
)
async def test_bad_input_is_named(world: World, attributes, pointer) -> None:
    body = {"organization_id": await world.organization(), "name": "A"} | attributes
    answer = await world.operator.post("/v1/individual-groups/", json=new("individual-groups", **body))
    assert pointers(answer, 400) == {pointer}


async def test_ids_of_another_organization_are_unknown(world: World, outbox) -> None:
    organization, other = await world.organization(), await world.organization()
    before = len(await outbox())
    foreign = {
        "parent_group_id": await world.group(other),
        "leader_ids": [await world.staff(other)],
        "individual_ids": [await world.individual(other)],
    }
    before = len(await outbox())
    for name, value in foreign.items():
        body = new("individual-groups", organization_id=organization, name="A", **{name: value})
        answer = await world.operator.post("/v1/individual-groups/", json=body)
        where = "/data/attributes/" + name.replace("_", "-")
        assert pointers(answer, 404) == {where if isinstance(value, UUID) else f"{where}/0"}
    stranger = world.as_(await world.staff(other, "org.admin"))
    body = new("individual-groups", organization_id=organization, name="A")
    assert pointers(await stranger.post("/v1/individual-groups/", json=body), 404)
    assert len([e for e in (await outbox())[before:] if isinstance(e, GroupCreated)]) == 0


async def test_who_may_make_a_group(world: World) -> None:
    organization = await world.organization()
    top, user = await world.group(organization), await world.staff(organization)
    ok(await world.act(top, "add-leaders", user_ids=[user]), 201)
    leader, member = world.as_(user), world.as_(await world.staff(organization))
    root = new("individual-groups", organization_id=organization, name="A")
    below = new("individual-groups", organization_id=organization, name="A", parent_group_id=top)
    refused(await leader.post("/v1/individual-groups/", json=root), 403)
    made = ok(await leader.post("/v1/individual-groups/", json=below), 201)
    assert made["data"]["attributes"]["self-can-write"] is True
    assert pointers(await member.post("/v1/individual-groups/", json=below), 403)


async def test_leaders_reach_down_and_members_do_not(world: World) -> None:
    organization = await world.organization()
    top = await world.group(organization)
    middle = await world.group(organization, top)
    low = await world.group(organization, middle)
    one = await world.individual(organization)
    ok(await world.act(low, "add-individuals", individual_ids=[one]), 201)
    lead, member = await world.staff(organization), await world.staff(organization)
    ok(await world.act(top, "add-leaders", user_ids=[lead]), 201)
    ok(await world.act(middle, "add-members", user_ids=[member]), 201)
    leader, plain = world.as_(lead), world.as_(member)
    for group in (top, middle, low):
        assert (await world.read_group(group, leader))["self-can-write"] is True
    assert (await world.read_group(middle, plain))["self-can-write"] is False
    for group in (top, low):
        refused(await plain.get(f"/v1/individual-groups/{group}/"), 403)
    ok(await leader.get(f"/v1/individuals/{one}/"))
    refused(await plain.get(f"/v1/individuals/{one}/"), 403)
    ok(await world.act(low, "add-members", user_ids=[member]), 201)
    ok(await plain.get(f"/v1/individuals/{one}/"))
    refused(await plain.patch(f"/v1/individuals/{one}/", json=change("individuals", one, first_name="X")), 403)
    ok(await leader.patch(f"/v1/individuals/{one}/", json=change("individuals", one, first_name="X")))


async def test_changing_a_group(world: World, outbox) -> None:
    organization = await world.organization()
    parent = await world.group(organization)
    group = await world.group(organization, parent)
    old, kept, fresh = [await world.staff(organization) for _ in range(3)]
    ok(await world.act(group, "add-leaders", user_ids=[old, kept]), 201)
    body = change("individual-groups", group, name="Ward", tags=["a"], leader_ids=[kept, fresh], is_active=False)
    changed = ok(await world.operator.patch(f"/v1/individual-groups/{group}/", json=body))["data"]["attributes"]
    assert (changed["name"], changed["tags"], changed["is-active"]) == ("Ward", ["a"], False)
    assert set(changed["leader-ids"]) == {str(kept), str(fresh)}
    events = (await outbox())[-3:]
    assert events[0] == GroupUpdated(
        group_id=group, organization_id=organization, name="Ward", node_type="group", is_active=False
    )
    assert (events[1].removed, events[2].added) == ((old,), (fresh,))
    assert (await world.read_group(parent))["child-count"] == 0
    back = change("individual-groups", group, is_active=True)
    ok(await world.operator.patch(f"/v1/individual-groups/{group}/", json=back))
    assert (await world.read_group(parent))["child-count"] == 1


async def test_changes_that_are_refused(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    group, kept = await world.group(organization), (await world.kept(organization))["unassigned"]

    async def patch(target, client=None, **attributes):
        body = change("individual-groups", target, **attributes)
        return await (client or world.operator).patch(f"/v1/individual-groups/{target}/", json=body)

    answer = await patch(group, leader_ids=[await world.staff(other)])
    assert pointers(answer, 404) == {"/data/attributes/leader-ids/0"}
    refused(await patch(kept, name="Mine"), 409)
    ok(await patch(kept, tags=["x"]))
    assert pointers(await patch(group, name=None), 400)
    refused(await patch(group, world.as_(await world.staff(organization)), name="X"), 403)
    refused(await patch(group, world.as_(await world.staff(other, "org.admin")), name="X"), 404)


async def test_moving_a_subtree(world: World, outbox) -> None:
    organization = await world.organization()
    left, right = await world.group(organization, name="L"), await world.group(organization, name="R")
    group = await world.group(organization, left)
    below = await world.group(organization, group)
    one = await world.individual(organization)
    ok(await world.act(below, "add-individuals", individual_ids=[one]), 201)
    lead = await world.staff(organization)
    ok(await world.act(left, "add-leaders", user_ids=[lead]), 201)
    leader = world.as_(lead)
    ok(await leader.get(f"/v1/individuals/{one}/"))
    answer = ok(await world.act(group, "move-group", to_parent_group_id=right), 201)
    task = ok(await world.operator.get(f"/v1/tasks/{answer['data']['task-id']}/"))["data"]["attributes"]
    assert (task["status"], task["result"]["moved"]) == ("done", 2)
    assert (await outbox())[-1] == GroupMoved(group_id=group, organization_id=organization, parent_id=right)
    refused(await leader.get(f"/v1/individuals/{one}/"), 403)
    refused(await leader.get(f"/v1/individual-groups/{below}/"), 403)
    counts = [(await world.read_group(place))["child-count"] for place in (left, right)]
    assert counts == [0, 1]
    ok(await world.act(group, "move-group", to_parent_group_id=None), 201)
    assert (await world.read_group(group))["parent-group"] is None
    assert (await world.read_group(below))["parent-group"]["id"] == str(group)
    count = len(await outbox())
    ok(await world.act(group, "move-group", to_parent_group_id=None), 201)
    assert len(await outbox()) == count


async def test_moves_that_are_refused(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    top = await world.group(organization)
    group = await world.group(organization, top)
    kept = await world.kept(organization)

    async def move(target, to, client=None):
        return await world.act(target, "move-group", client, to_parent_group_id=to)

    assert refused(await move(top, group), 409)[0]["code"] == "cycle"
    assert refused(await move(top, top), 409)[0]["code"] == "cycle"
    assert pointers(await move(group, await world.group(other)), 404) == {"/to-parent-group-id"}
    assert pointers(await move(group, uuid4()), 404) == {"/to-parent-group-id"}
    assert pointers(await move(group, kept["unassigned"]), 409) == {"/to-parent-group-id"}
    refused(await move(kept["unassigned"], group), 409)
    assert pointers(await world.act(group, "move-group"), 400) == {"/to-parent-group-id"}
    user = await world.staff(organization)
    ok(await world.act(group, "add-leaders", user_ids=[user]), 201)
    refused(await move(group, None, world.as_(user)), 403)
    assert pointers(await move(group, await world.group(organization), world.as_(user)), 403)


async def test_a_seventeenth_level_is_refused(world: World) -> None:
    organization = await world.organization()
    chain = [await world.group(organization)]
    for _ in range(15):
        chain.append(await world.group(organization, chain[-1]))
    body = new("individual-groups", organization_id=organization, name="A", parent_group_id=chain[-1])
    assert refused(await world.operator.post("/v1/individual-groups/", json=body), 409)[0]["code"] == "too-deep"
    root = await world.group(organization)
    answer = await world.act(chain[0], "move-group", to_parent_group_id=root)
    assert refused(answer, 409)[0]["code"] == "too-deep"
    ok(await world.act(chain[1], "move-group", to_parent_group_id=root), 201)


async def test_two_moves_that_would_make_a_cycle_together(live_world: World) -> None:
    world = live_world
    organization = await world.organization()
    for _ in range(4):
        pair = [await world.group(organization), await world.group(organization)]

        async def move(number: int, pair=pair) -> int:
            return (await world.act(pair[number], "move-group", to_parent_group_id=pair[1 - number])).status_code

        assert sorted(await race(move, 2)) == [201, 409]


async def test_removing_a_group(world: World, outbox) -> None:
    organization = await world.organization()
    parent = await world.group(organization)
    group, one = await world.group(organization, parent), await world.individual(organization)
    lead = await world.staff(organization)
    ok(await world.act(group, "add-individuals", individual_ids=[one]), 201)
    ok(await world.act(group, "add-leaders", user_ids=[lead]), 201)
    assert refused(await world.operator.delete(f"/v1/individual-groups/{parent}/"), 409)[0]["code"] == "not-empty"
    refused(await world.operator.delete(f"/v1/individual-groups/{(await world.kept(organization))['unassigned']}"), 409)
    refused(await world.as_(await world.staff(organization)).delete(f"/v1/individual-groups/{group}"), 403)
    ok(await world.operator.delete(f"/v1/individual-groups/{group}/"), 204)
    assert (await outbox())[-1] == GroupDeleted(group_id=group, organization_id=organization)
    refused(await world.operator.get(f"/v1/individual-groups/{group}/"), 404)
    assert (await world.read_group(parent))["child-count"] == 0
    assert await world.people_of((await world.kept(organization))["unassigned"]) == {one}


async def test_a_task_is_for_who_asked_and_administrators(world: World) -> None:
    organization = await world.organization()
    group = await world.group(organization)
    answer = ok(await world.act(group, "move-group", to_parent_group_id=None), 201)
    path = f"/v1/tasks/{answer['data']['task-id']}/"
    ok(await world.as_(await world.staff(organization, "org.admin")).get(path))
    refused(await world.as_(await world.staff(organization)).get(path), 404)
    refused(await world.operator.get(f"/v1/tasks/{uuid4()}/"), 404)
