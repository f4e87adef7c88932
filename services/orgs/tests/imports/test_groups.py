"""Importing groups."""

from uuid import UUID, uuid4

from contracts.orgs import GroupCreated, GroupUpdated
from orgs.imports.keys import made_id
from orgs_world import World, ok
from sqlalchemy import text

from .test_people import imported


async def groups(session, organization: UUID) -> dict[str, object]:
    statement = text(
        "SELECT * FROM individual_groups WHERE organization_id = :id AND type IN ('regular', 'provider_only')"
    )
    return {row.name: row for row in await session.execute(statement, {"id": organization})}


async def test_a_tree_in_any_order_of_lines(world: World, session, outbox) -> None:
    organization = await world.organization()
    top = await world.group(organization, name="Top")
    before = len(await outbox())
    file = (
        "key,name,parent-key,node-type,type,tags,is-active\n"
        'leaf,Leaf,middle,,,"""a;b"";c",\n'
        f"middle,Middle,{top},division,,x; y ,true\n"
        "night,Night staff,,group,provider_only,,false\n"
    )
    done = await imported(world, organization, file, "individual-groups")
    assert (done["status"], done["created"], done["changed"]) == ("done", 3, 0), done["errors"]
    found = await groups(session, organization)
    middle, leaf, night = found["Middle"], found["Leaf"], found["Night staff"]
    assert (middle.path, middle.node_type, middle.tags, middle.child_count) == ([top], "division", ["x", "y"], 1)
    assert (leaf.path, leaf.parent_id, leaf.tags) == ([top, middle.id], middle.id, ["a;b", "c"])
    assert (night.type, night.is_active, night.path) == ("provider_only", False, [])
    assert (await world.read_group(top))["child-count"] == 1
    created = [event for event in (await outbox())[before:] if isinstance(event, GroupCreated)]
    assert [event.name for event in created] == ["Middle", "Night staff", "Leaf"]
    again = await imported(world, organization, file, "individual-groups")
    assert (again["created"], again["changed"]) == (0, 0)


async def test_changes_of_known_groups(world: World, session, outbox) -> None:
    organization = await world.organization()
    top = await world.group(organization, name="Top")
    low = await world.group(organization, top, name="Low", tags=["a"])
    before = len(await outbox())
    file = f"key,name,is-active\n{top},Top\n"
    file = f"key,name,is-active\n{top},Top,true\n{low},Lower,false\n"
    done = await imported(world, organization, file, "individual-groups")
    assert (done["created"], done["changed"]) == (0, 1)
    events = (await outbox())[before:]
    assert events == [
        GroupUpdated(group_id=low, organization_id=organization, name="Lower", node_type="group", is_active=False)
    ]
    assert (await groups(session, organization))["Lower"].tags == ["a"]
    assert (await world.read_group(top))["child-count"] == 0


async def test_what_a_file_of_groups_may_not_say(world: World, session) -> None:
    organization, other = await world.organization(), await world.organization()
    foreign, top = await world.group(other), await world.group(organization)
    low = await world.group(organization, top)
    kept = (await world.kept(organization))["unassigned"]
    chain = [f"level{number},L,{f'level{number - 1}' if number else ''},,," for number in range(17)]
    lines = [
        "key,name,parent-key,node-type,type,is-active",
        "a,A,b,,,",
        "b,B,a,,,",
        "c,C,nowhere,,,",
        f"d,D,{foreign},,,",
        f"e,E,{kept},,,",
        f"{kept},Mine,,,,",
        f"{low},Low,,,,",
        f"{top},Top,,,provider_only,",
        "f, ,,,,",
        "g,G,,tree,unassigned,maybe",
        "a,A,,,,",
        f"{made_id(organization, 'group', 'a')},A,,,,",
        *chain,
    ]
    done = await imported(world, organization, "\n".join(lines), "individual-groups")
    assert [(error["line"], error["column"], error["code"]) for error in done["errors"]] == [
        (2, "parent-key", "cycle"),
        (3, "parent-key", "cycle"),
        (4, "parent-key", "unknown-group"),
        (5, "parent-key", "unknown-group"),
        (6, "parent-key", "kept-group"),
        (7, "key", "kept-group"),
        (8, "parent-key", "moved"),
        (9, "type", "fixed"),
        (10, "name", "invalid"),
        (11, "node-type", "invalid"),
        (11, "type", "invalid"),
        (11, "is-active", "invalid"),
        (12, "key", "duplicate"),
        (30, "parent-key", "too-deep"),
    ]
    assert done["status"] == "failed"
    assert len(await groups(session, organization)) == 1  # both have one name


async def test_groups_and_then_their_people(world: World) -> None:
    organization = await world.organization()
    await imported(world, organization, "key,name\nward,Ward\nnight,Night\n", "individual-groups")
    done = await imported(world, organization, "key,groups\nana,ward;night\nben,ward\n")
    assert (done["status"], done["created"]) == ("done", 2)
    ward = made_id(organization, "group", "ward")
    assert (await world.read_group(ward))["individuals-count"] == 2
    done = await imported(world, organization, f"key,groups\nana,{uuid4()}\n")
    assert done["errors"][0]["code"] == "unknown-group"
    ok(await world.operator.get(f"/v1/individual-groups/{ward}/"))
