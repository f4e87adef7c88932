"""Groups of a directory, and the roles that their members have."""

from typing import Any

import pytest
from contracts.identity import MemberProvisioned
from directories import GROUP, PATCH, Directory, directory
from identity.scim.groups.commands import role_of
from identity.scim.groups.moving import moves_of
from identity.scim.protocol import Problem
from identity_world import World


async def told(world: World) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """What was announced of roles: who, given, taken."""
    events = [event for event in await world.events(MemberProvisioned) if event.roles or event.left_roles]
    return [(str(event.user_id), event.roles, event.left_roles) for event in events]


async def test_members_have_the_role_of_the_groups_name(world: World) -> None:
    ours = await directory(world)
    ada, bob = await ours.user(), await ours.user()
    group = await ours.group("Night Nurses", ada)
    assert group["members"][0]["value"] == ada["id"]
    assert group["members"][0]["$ref"] == ada["meta"]["location"]
    assert await told(world) == [(ada["id"], ("night-nurses",), ())]
    shown = (await ours.get(f"Users/{ada['id']}")).json()["groups"]
    assert [(one["value"], one["display"]) for one in shown] == [(group["id"], "Night Nurses")]
    await ours.patch(f"Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": bob["id"]}]})
    await ours.patch(f"Groups/{group['id']}", {"op": "remove", "path": f'members[value eq "{ada["id"]}"]'})
    assert (await told(world))[1:] == [(bob["id"], ("night-nurses",), ()), (ada["id"], (), ("night-nurses",))]
    await ours.patch(f"Groups/{group['id']}", {"op": "replace", "path": "displayName", "value": "Day Nurses"})
    assert (await told(world))[3:] == [(bob["id"], (), ("night-nurses",)), (bob["id"], ("day-nurses",), ())]
    assert (await ours.delete(f"Groups/{group['id']}")).status_code == 204
    assert (await told(world))[5:] == [(bob["id"], (), ("day-nurses",))]
    assert (await ours.get(f"Groups/{group['id']}")).status_code == 404


async def test_who_is_deactivated_gets_the_roles_with_their_return(world: World) -> None:
    ours, theirs = await directory(world), await directory(world)
    ada = await ours.user()
    await world.belongs(ada["id"], theirs.organization_id, role="org.member")
    await ours.patch(f"Users/{ada['id']}", {"op": "replace", "path": "active", "value": False})
    await ours.group("Nurses", ada)
    assert await told(world) == []
    await ours.patch(f"Users/{ada['id']}", {"op": "replace", "path": "active", "value": True})
    assert await told(world) == [(ada["id"], ("nurses",), ())]


async def test_a_group_of_the_same_name_is_refused(world: World) -> None:
    ours, theirs = await directory(world), await directory(world)
    await ours.group("Nurses")
    again = await ours.post("Groups", {"schemas": [GROUP], "displayName": " nurses "})
    assert (again.status_code, again.json()["scimType"]) == (409, "uniqueness")
    other = await ours.group("Doctors")
    renamed = await ours.patch(f"Groups/{other['id']}", {"op": "replace", "path": "displayName", "value": "NURSES"})
    assert renamed.status_code == 409
    await theirs.group("Nurses")


async def test_only_people_of_the_directory_are_members(world: World) -> None:
    ours, theirs = await directory(world), await directory(world)
    stranger = await theirs.user()
    for value in (stranger["id"], "nobody", ""):
        body: Any = {"schemas": [GROUP], "displayName": "x", "members": [{"value": value}]}
        answer = await ours.post("Groups", body)
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")
    group = await theirs.group("Nurses")
    for answer in (
        await ours.get(f"Groups/{group['id']}"),
        await ours.put(f"Groups/{group['id']}", {"schemas": [GROUP], "displayName": "x"}),
        await ours.delete(f"Groups/{group['id']}"),
    ):
        assert answer.status_code == 404


async def test_members_are_left_out_on_demand(world: World) -> None:
    ours = await directory(world)
    ada = await ours.user()
    group = await ours.group("Nurses", ada)
    for path in ("Groups", f"Groups/{group['id']}"):
        answer = (await ours.get(path, params={"excludedAttributes": "members"})).json()
        assert "members" not in (answer["Resources"][0] if "Resources" in answer else answer)
    for filter_ in (f'members[value eq "{ada["id"]}"]', f'members eq "{ada["id"]}"', 'displayName sw "nur"'):
        answer = await ours.get("Groups", params={"filter": filter_, "excludedAttributes": "members"})
        assert [one["id"] for one in answer.json()["Resources"]] == [group["id"]], filter_


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Nurses", "nurses"),
        ("org.admin", "org.admin"),
        ("Night & Day — Nurses", "night-day-nurses"),
        ("1st floor", "group-1st-floor"),
        ("system.admin", "group-system-admin"),
        ("a" * 80, "a" * 64),
    ],
)
def test_roles_are_named_after_groups(name: str, role: str) -> None:
    assert role_of(name) == role


def test_a_name_without_letters_makes_no_role() -> None:
    with pytest.raises(Problem):
        role_of("—")


async def test_deprovisioned_people_are_in_no_group(world: World) -> None:
    ours: Directory = await directory(world)
    ada = await ours.user()
    group = await ours.group("Nurses", ada)
    await ours.delete(f"Users/{ada['id']}")
    assert "members" not in (await ours.get(f"Groups/{group['id']}")).json()


async def test_members_of_a_large_group_come_and_go_without_its_being_read(world: World) -> None:
    ours = await directory(world)
    ada, group = await ours.user(), await ours.group("Nurses")
    many = """
        WITH made AS (INSERT INTO users (id, username, username_key, state, account_type)
            SELECT gen_random_uuid(), 'n' || x, 'n' || x, 'confirmed', 'provider' FROM generate_series(1, 600) x
            RETURNING id)
        INSERT INTO scim_group_members SELECT CAST(:id AS uuid), id FROM made
    """
    await world.rows(many, id=group["id"])
    path = f"Groups/{group['id']}"
    before = (await ours.get(path, params={"excludedAttributes": "members"})).headers["etag"]
    answer = await ours.patch(path, {"op": "Add", "path": "members", "value": [{"value": ada["id"]}]})
    assert (answer.status_code, answer.content) == (204, b"")
    assert await told(world) == [(ada["id"], ("nurses",), ())]
    brief = await ours.get(path, params={"excludedAttributes": "members"})
    assert ("members" in brief.json(), brief.headers["etag"] == before) == (False, False)
    whole = await ours.get(path)
    assert (len(whole.json()["members"]), whole.headers["etag"]) == (601, brief.headers["etag"])
    stale = await ours.patch(path, {"op": "Remove", "path": "members"}, **{"if-match": before})
    assert stale.status_code == 412
    gone = {"op": "remove", "path": f'members[value eq "{ada["id"]}"]'}
    assert (await ours.patch(path, gone)).status_code == 204
    assert (await told(world))[1:] == [(ada["id"], (), ("nurses",))]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "members", "value": [{"value": "nobody"}]},
        {"op": "add", "path": "members", "value": []},
        {"op": "add", "path": "members", "value": "x"},
        {"op": "remove", "path": 'members[value eq "nobody"]'},
        {"op": "add", "value": {"members": [{}]}},
        {"op": "replace", "path": "members", "value": []},
        {"op": "add", "path": "displayName", "value": "x"},
        "x",
    ],
    ids=str,
)
def test_what_is_no_plain_move_takes_the_long_way(operation: Any) -> None:
    assert moves_of({"schemas": [PATCH], "Operations": [operation]}) is None


def test_the_last_word_counts() -> None:
    user = "01a1fd11-48ac-7330-a77e-348427daf692"
    comes = {"op": "add", "value": {"members": [{"value": user}]}}
    goes = {"op": "Remove", "path": f"{GROUP}:members", "value": {"value": user}}
    moves = moves_of({"schemas": [PATCH], "Operations": [comes, goes]})
    assert moves is not None
    assert (moves.added, [str(one) for one in moves.removed]) == (set(), [user])
