"""add- and remove- individuals, leaders and members."""

from uuid import uuid4

import pytest
from contracts.orgs import GroupPeopleChanged
from orgs_world import World, new, ok, pointers, refused
from testkit.races import race


def people_events(events: list, group) -> list[GroupPeopleChanged]:
    return [event for event in events if isinstance(event, GroupPeopleChanged) and event.group_id == group]


async def test_individuals_come_and_go_and_twice_changes_nothing(world: World, outbox) -> None:
    organization = await world.organization()
    group, (one, two) = await world.group(organization), [await world.individual(organization) for _ in range(2)]
    for _ in range(2):
        answer = await world.act(group, "add-individuals", individual_ids=[one, two, one])
        attributes = ok(answer, 201)["data"]["attributes"]
        assert attributes["individuals-count"] == 2
        assert "individuals" not in attributes
    added = people_events(await outbox(), group)
    assert len(added) == 1
    assert (added[0].kind, set(added[0].added)) == ("individual", {one, two})
    for _ in range(2):
        answer = await world.act(group, "remove-individuals", individual_ids=[one], with_individuals=True)
        attributes = ok(answer, 201)["data"]["attributes"]
        assert attributes["individual-ids"] == [str(two)]
        assert attributes["individuals-count"] == 1
    assert [event.removed for event in people_events(await outbox(), group)[1:]] == [(one,)]


async def test_the_kept_groups_follow(world: World) -> None:
    organization = await world.organization()
    kept = await world.kept(organization)
    one, two = [await world.individual(organization) for _ in range(2)]
    first, second = await world.group(organization), await world.group(organization)
    assert await world.people_of(kept["all_participants"]) == await world.people_of(kept["unassigned"]) == {one, two}
    ok(await world.act(first, "add-individuals", individual_ids=[one, two]), 201)
    ok(await world.act(second, "add-individuals", individual_ids=[one]), 201)
    assert await world.people_of(kept["unassigned"]) == set()
    ok(await world.act(first, "remove-individuals", individual_ids=[one, two]), 201)
    assert await world.people_of(kept["unassigned"]) == {two}
    assert (await world.read_group(kept["unassigned"]))["individuals-count"] == 1
    assert (await world.read_group(kept["all_participants"]))["individuals-count"] == 2


async def test_from_one_group_into_another(world: World) -> None:
    organization = await world.organization()
    first, second = await world.group(organization), await world.group(organization)
    one = await world.individual(organization)
    ok(await world.act(first, "add-individuals", individual_ids=[one]), 201)
    ok(await world.act(second, "add-individuals", individual_ids=[one], remove_from_group=first), 201)
    assert (await world.people_of(first), await world.people_of(second)) == (set(), {one})
    ok(await world.act(second, "add-individuals", individual_ids=[one], remove_from_group=second), 201)
    assert await world.people_of(second) == {one}
    lead = await world.staff(organization)
    ok(await world.act(first, "add-leaders", user_ids=[lead]), 201)
    ok(await world.act(second, "add-leaders", user_ids=[lead], remove_from_group=first), 201)
    assert (await world.read_group(first))["leader-ids"] == []
    assert (await world.read_group(second))["leader-ids"] == [str(lead)]


async def test_embedding(world: World) -> None:
    organization = await world.organization()
    group = await world.group(organization)
    one = await world.individual(organization, first_name="Ana", last_name="Ruiz", birth_date="1980-02-03")
    lead = await world.staff(organization, first_name="Lea", last_name="Der", email_verified=True)
    ok(await world.act(group, "add-leaders", user_ids=[lead]), 201)
    ok(await world.act(group, "add-members", user_ids=[lead]), 201)
    answer = await world.act(group, "add-individuals", individual_ids=[one], with_individuals=True, with_members=True)
    attributes = ok(answer, 201)["data"]["attributes"]
    individual, leader, member = attributes["individuals"][0], attributes["leaders"][0], attributes["members"][0]
    assert (individual["name"], individual["birth-date"]) == ("Ana Ruiz", "1980-02-03")
    assert individual["owner"] == {"id": str(organization), "type": "organization"}
    assert individual["communication-preferences"] == {"email": {}, "mobile": {}, "sms": {}, "voice": {}, "web": {}}
    assert (leader["id"], leader["first-name"], leader["verified"], leader["enabled"]) == (str(lead), "Lea", True, True)
    assert (member["id"], member["last-name"]) == (str(lead), "Der")
    assert "members" not in await world.read_group(group)
    assert "members" in await world.read_group(group, with_members=True)


async def test_staff_by_email(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    group = await world.group(organization)
    member = await world.staff(organization, email="mem@example.org")
    await world.staff(other, email="else@example.org")
    answer = await world.act(group, "add-members", user_emails=["MEM@example.org"], with_members=True)
    assert ok(answer, 201)["data"]["attributes"]["members"][0]["id"] == str(member)
    assert pointers(await world.act(group, "add-members", user_emails=["else@example.org"]), 404)
    answer = await world.act(group, "add-members", user_emails=["nobody@example.org"])
    assert pointers(answer, 404) == {"/user-emails/0"}
    answer = await world.act(group, "remove-members", user_emails=["mem@example.org"], with_members=True)
    assert ok(answer, 201)["data"]["attributes"]["members"] == []


@pytest.mark.parametrize("action", ["add-leaders", "add-members", "remove-leaders", "remove-members"])
async def test_staff_of_others_and_participants_are_refused_and_nothing_changes(world: World, action, outbox) -> None:
    organization, other = await world.organization(), await world.organization()
    group, fine = await world.group(organization), await world.staff(organization)
    foreign = await world.staff(other)
    before = len(await outbox())
    answer = await world.act(group, action, user_ids=[fine, foreign, uuid4()])
    assert pointers(answer, 404) == {"/user-ids/1", "/user-ids/2"}
    assert pointers(await world.act(group, action, user_ids=[]), 400) == {"/user-ids"}
    assert pointers(await world.act(group, action), 400) == {"/user-ids"}
    assert pointers(await world.act(group, action, user_ids=["x"]), 400) == {"/user-ids/0"}
    assert len(await outbox()) == before


@pytest.mark.parametrize("action", ["add-individuals", "remove-individuals"])
async def test_individuals_of_others_are_refused_and_nothing_changes(world: World, action, outbox) -> None:
    organization, other = await world.organization(), await world.organization()
    group, fine, foreign = (
        await world.group(organization),
        await world.individual(organization),
        await world.individual(other),
    )
    before = len(await outbox())
    answer = await world.act(group, action, individual_ids=[fine, foreign, uuid4()])
    assert pointers(answer, 404) == {"/individual-ids/1", "/individual-ids/2"}
    assert pointers(await world.act(group, action, individual_ids=[]), 400) == {"/individual-ids"}
    assert pointers(await world.act(group, action), 400) == {"/individual-ids"}
    assert pointers(await world.act(group, action, individual_ids=[fine], more=1), 400) == {"/more"}
    assert len(await outbox()) == before
    assert await world.people_of(group) == set()


async def test_a_group_of_another_organization_to_be_removed_from(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    group, foreign = await world.group(organization), await world.group(other)
    one, lead = await world.individual(organization), await world.staff(organization)
    for action, body in (
        ("add-individuals", {"individual_ids": [one]}),
        ("add-leaders", {"user_ids": [lead]}),
        ("add-members", {"user_ids": [lead]}),
    ):
        answer = await world.act(group, action, **body, remove_from_group=foreign)
        assert pointers(answer, 404) == {"/remove-from-group"}
    stranger = world.as_(await world.staff(other, "org.admin"))
    refused(await world.act(group, "add-individuals", stranger, individual_ids=[one]), 404)
    refused(await world.act(uuid4(), "add-individuals", individual_ids=[one]), 404)


async def test_kept_groups_and_those_for_staff_only_take_nobody(world: World) -> None:
    organization = await world.organization()
    kept, one = await world.kept(organization), await world.individual(organization)
    for group in kept.values():
        refused(await world.act(group, "add-individuals", individual_ids=[one]), 409)
        refused(await world.act(group, "remove-individuals", individual_ids=[one]), 409)
    staff_only = await world.group(organization, type="provider_only")
    assert (
        refused(await world.act(staff_only, "add-individuals", individual_ids=[one]), 409)[0]["code"] == "provider-only"
    )
    lead = await world.staff(organization)
    ok(await world.act(kept["all_participants"], "add-leaders", user_ids=[lead]), 201)
    ok(await world.as_(lead).get(f"/v1/individuals/{one}/"))


async def test_a_leader_takes_nobody_whom_they_may_not_change(world: World) -> None:
    """Whoever could put any individual into a group of theirs could read any individual."""
    organization = await world.organization()
    mine, theirs = await world.group(organization), await world.group(organization)
    one, hidden = await world.individual(organization), await world.individual(organization)
    user = await world.staff(organization)
    leader = world.as_(user)
    ok(await world.act(mine, "add-leaders", user_ids=[user]), 201)
    ok(await world.act(theirs, "add-members", user_ids=[user]), 201)
    ok(await world.act(theirs, "add-individuals", individual_ids=[one]), 201)
    answer = await world.act(mine, "add-individuals", leader, individual_ids=[one])
    assert pointers(answer, 403) == {"/individual-ids/0"}
    answer = await world.act(mine, "add-individuals", leader, individual_ids=[hidden])
    assert pointers(answer, 404) == {"/individual-ids/0"}


async def test_a_leader_may_take_themselves_out(world: World) -> None:
    organization = await world.organization()
    group, user = await world.group(organization), await world.staff(organization)
    ok(await world.act(group, "add-leaders", user_ids=[user]), 201)
    answer = await world.act(group, "remove-leaders", world.as_(user), user_ids=[user])
    assert ok(answer, 201)["data"]["attributes"]["self-can-write"] is False
    refused(await world.as_(user).get(f"/v1/individual-groups/{group}/"), 403)


async def test_large_changes_are_announced_in_pieces(world: World, outbox) -> None:
    organization = await world.organization()
    group = await world.group(organization)
    people = [await world.individual(organization) for _ in range(6)]
    from orgs.individual_groups import events

    before, events.PIECE = events.PIECE, 4
    try:
        ok(await world.act(group, "add-individuals", individual_ids=people), 201)
    finally:
        events.PIECE = before
    assert [len(event.added) for event in people_events(await outbox(), group)] == [4, 2]


async def test_the_same_people_from_sixteen_connections(live_world: World) -> None:
    world = live_world
    organization = await world.organization()
    groups = [await world.group(organization) for _ in range(2)]
    people = [await world.individual(organization) for _ in range(20)]

    async def put(number: int) -> int:
        order = people if number % 2 else people[::-1]
        return (await world.act(groups[number % 2], "add-individuals", individual_ids=order)).status_code

    assert set(await race(put)) == {201}
    for group in groups:
        assert (await world.read_group(group))["individuals-count"] == 20
    kept = await world.kept(organization)
    assert (await world.read_group(kept["unassigned"]))["individuals-count"] == 0

    async def take(number: int) -> int:
        return (await world.act(groups[number % 2], "remove-individuals", individual_ids=people)).status_code

    assert set(await race(take)) == {201}
    assert await world.people_of(kept["unassigned"]) == set(people)
    assert (await world.read_group(kept["unassigned"]))["individuals-count"] == 20


async def test_people_added_while_a_person_is_removed_from_the_staff(live_world: World) -> None:
    world = live_world
    organization = await world.organization()
    group = await world.group(organization)
    users = [await world.staff(organization) for _ in range(8)]

    async def attempt(number: int) -> int:
        user = users[number // 2]
        if number % 2:
            return (await world.act(group, "add-leaders", user_ids=[user])).status_code
        body = new("organizations", user_id=user)
        return (await world.operator.post(f"/v1/organizations/{organization}/remove-user/", json=body)).status_code

    assert set(await race(attempt)) <= {201, 404}
    assert (await world.read_group(group))["leader-ids"] == []
