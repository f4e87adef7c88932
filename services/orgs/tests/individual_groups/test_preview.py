"""Who would gain and lose access by a move."""

from uuid import uuid4

from orgs_world import World, ok, pointers, refused


async def preview(world: World, group, to, client=None) -> dict:
    return ok(await world.act(group, "preview-move", client, to_parent_group_id=to), 201)["data"]


async def test_who_gains_and_who_loses(world: World, outbox) -> None:
    organization = await world.organization()
    common = await world.group(organization)
    left, right = await world.group(organization, common), await world.group(organization, common)
    group = await world.group(organization, left)
    low = await world.group(organization, group)
    one = await world.individual(organization)
    ok(await world.act(low, "add-individuals", individual_ids=[one]), 201)
    names = ("loser", "both", "own", "winner", "elsewhere")
    people = {name: await world.staff(organization, first_name=name) for name in names}
    places = {"loser": [left], "both": [left, right], "own": [left, group], "winner": [right], "elsewhere": [common]}
    for name, led in places.items():
        for place in led:
            ok(await world.act(place, "add-leaders", user_ids=[people[name]]), 201)
    may = {name: {group} for name in ("loser", "both", "own", "elsewhere")}
    for name in ("both", "winner", "elsewhere"):
        may.setdefault(name, set()).add(right)
    world.neighbours.allowed |= {(people[name], f"group:{place}:write") for name in may for place in may[name]}
    before = len(await outbox())
    found = await preview(world, group, right)
    assert (found["groups"], found["memberships"], found["complete"]) == (2, 1, True)
    assert found["gains"]["total"] == found["loses"]["total"] == 1
    gained, lost = [[who["first-name"] for who in found[kind]["first"]] for kind in ("gains", "loses")]
    assert (gained, lost) == (["winner"], ["loser"])
    assert len(await outbox()) == before
    assert (await world.read_group(group))["parent-group"]["id"] == str(left)
    root = await preview(world, group, None)
    assert {who["first-name"] for who in root["loses"]["first"]} == {"loser", "both", "elsewhere"}
    same = await preview(world, group, left)
    assert (same["gains"]["total"], same["loses"]["total"]) == (0, 0)


async def test_a_preview_refuses_what_the_move_would(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    top = await world.group(organization)
    group = await world.group(organization, top)
    kept = await world.kept(organization)

    async def asked(target, to, client=None):
        return await world.act(target, "preview-move", client, to_parent_group_id=to)

    assert refused(await asked(top, group), 409)[0]["code"] == "cycle"
    assert pointers(await asked(group, await world.group(other)), 404) == {"/to-parent-group-id"}
    assert pointers(await asked(group, uuid4()), 404) == {"/to-parent-group-id"}
    assert pointers(await asked(group, kept["unassigned"]), 409) == {"/to-parent-group-id"}
    refused(await asked(kept["unassigned"], group), 409)
    chain = [await world.group(organization)]
    for _ in range(14):
        chain.append(await world.group(organization, chain[-1]))
    assert refused(await asked(top, chain[-1]), 409)[0]["code"] == "too-deep"
    user = await world.staff(organization)
    ok(await world.act(group, "add-leaders", user_ids=[user]), 201)
    refused(await asked(group, None, world.as_(user)), 403)
    assert pointers(await asked(group, chain[0], world.as_(user)), 403) == {"/to-parent-group-id"}


async def test_without_authz_there_is_no_preview(world: World) -> None:
    organization = await world.organization()
    top, group = await world.group(organization), await world.group(organization)
    ok(await world.act(top, "add-leaders", user_ids=[world.operator_id]), 201)
    runtime = world.client.app.state.runtime
    before = runtime.settings
    import msgspec

    runtime.settings = msgspec.structs.replace(before, authz_url="http://127.0.0.1:9")
    try:
        refused(await world.act(group, "preview-move", to_parent_group_id=top), 503)
    finally:
        runtime.settings = before
