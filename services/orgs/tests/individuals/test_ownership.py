from uuid import UUID, uuid4

from contracts.orgs import GroupPeopleChanged, IndividualUpdated, OrganizationUserAdded, OrganizationUserRemoved
from orgs_world import World, ids, new, ok, pointers, refused
from sqlalchemy import text
from testkit.races import race


async def give(client, individual: UUID, owner: UUID):
    return await client.post(f"/v1/individuals/{individual}/transfer-ownership/", json={"owner-id": str(owner)})


async def owners(client, individual: UUID, **query) -> list[tuple]:
    found = ok(await client.get(f"/v1/individuals/{individual}/owners/", params=query))
    rows = [one["attributes"] for one in found["data"]]
    return [(UUID(row["owner-id"]), row["owner-type"], row["until"] is None) for row in rows]


async def test_an_individual_goes_to_another_organization(world: World, outbox) -> None:
    first, second = await world.organization(), await world.organization()
    one = await world.individual(first, first_name="Ana")
    group = await world.group(first, individual_ids=[one])
    before, after = await world.kept(first), await world.kept(second)
    moved = ok(await give(world.operator, one, second), 201)["data"]["attributes"]
    assert (moved["owner-id"], moved["owner-type"], moved["first-name"]) == (str(second), "organization", "Ana")
    events = await outbox()
    changed = IndividualUpdated(
        individual_id=one, owner_id=second, owner_type="organization", organization_id=second, user_id=None
    )
    assert changed in events
    left = {event.group_id for event in events if isinstance(event, GroupPeopleChanged) and event.removed == (one,)}
    assert {group, before["all_participants"]} <= left
    assert await world.people_of(group) == set()
    assert await world.people_of(before["all_participants"]) == set()
    for kept in after.values():
        assert await world.people_of(kept) == {one}
        assert (await world.read_group(kept))["individuals-count"] == 1
    assert (await world.read_group(group))["individuals-count"] == 0
    assert await owners(world.operator, one) == [(second, "organization", True), (first, "organization", False)]
    logs = ok(await world.operator.get(f"/v1/individual-group-logs/?individual-group-id={group}"))["data"]
    assert sorted(log["attributes"]["event"] for log in logs) == ["add", "remove"]


async def test_several_owners_over_time(world: World) -> None:
    first, second = await world.organization(), await world.organization()
    user = await world.staff(first)
    one = await world.individual(first)
    for owner in (second, user, first, second):
        ok(await give(world.operator if owner != first else world.client.as_service("identity"), one, owner), 201)
        ok(await give(world.client.as_service("identity"), one, owner), 201)
    asker = world.operator
    whole = await owners(asker, one)
    assert [owner for owner, _, _ in whole] == [second, first, user, second, first]
    assert [kind for _, kind, _ in whole] == ["organization", "organization", "user", "organization", "organization"]
    paged = [await owners(asker, one, **{"page[limit]": 2, "page[offset]": at}) for at in (0, 2, 4)]
    assert [row for page in paged for row in page] == whole


async def test_only_who_may_decide_for_both(world: World) -> None:
    mine, other = await world.organization(), await world.organization()
    one, foreign = await world.individual(mine), await world.individual(other)
    group = await world.group(mine, individual_ids=[one])
    leader = await world.staff(mine)
    ok(await world.act(group, "add-leaders", user_ids=[leader]), 201)
    admin = world.as_(await world.staff(mine, "org.admin"))
    assert pointers(await give(admin, one, other), 404) == {"/owner-id"}
    assert pointers(await give(admin, one, uuid4()), 404) == {"/owner-id"}
    refused(await give(admin, foreign, mine), 404)
    refused(await give(world.as_(leader), one, leader), 403)
    refused(await give(admin, uuid4(), mine), 404)
    assert pointers(await give(admin, one, "x"), 400) == {"/owner-id"}
    assert await owners(world.as_(leader), one) == [(mine, "organization", True)]
    refused(await world.as_(uuid4()).get(f"/v1/individuals/{one}/owners/"), 404)


async def test_a_participants_login_goes_along(world: World, session, outbox) -> None:
    first, second, user = await world.organization(), await world.organization(), uuid4()
    one = await world.individual(first)
    values = {"user": user, "organization": first, "individual": one}
    await session.execute(text("UPDATE individuals SET user_id = :user WHERE id = :individual"), values)
    insert = "INSERT INTO memberships (id, organization_id, user_id, account_type, individual_id) "
    await session.execute(text(insert + "VALUES (uuidv7(), :organization, :user, 'patient', :individual)"), values)
    ok(await give(world.operator, one, second), 201)
    events = await outbox()
    assert OrganizationUserRemoved(organization_id=first, user_id=user) in events
    place = {"organization_id": second, "user_id": user, "individual_id": one}
    assert OrganizationUserAdded(**place, account_type="patient", role=None) in events
    listed = ok(await world.as_(user).get("/v1/user-organizations/"))["data"]
    assert [row["attributes"]["organization-id"] for row in listed] == [str(second)]


async def test_transfers_at_once_leave_one_owner_and_true_counts(live_world: World) -> None:
    places = [await live_world.organization() for _ in range(3)]
    one = await live_world.individual(places[0])

    async def attempt(number: int) -> int:
        return (await give(live_world.operator, one, places[number % 3])).status_code

    assert set(await race(attempt, 9)) <= {201, 409}
    (owner, _, _), *_ = await owners(live_world.operator, one)
    for place in places:
        kept = await live_world.kept(place)
        people = {one} if place == owner else set()
        for group in kept.values():
            assert await live_world.people_of(group) == people
            assert (await live_world.read_group(group))["individuals-count"] == len(people)


async def test_what_is_made_can_be_removed_where_it_is_safe(world: World, session) -> None:
    organization = await world.organization()
    body = new("organization-codes", organization_id=organization)
    answers = [await world.operator.post("/v1/organization-codes/", json=body) for _ in range(2)]
    unused, used = [ok(answer, 201)["data"]["id"] for answer in answers]
    values = {"code": used, "user": uuid4()}
    await session.execute(text("INSERT INTO organization_code_users (code, user_id) VALUES (:code, :user)"), values)
    ok(await world.operator.delete(f"/v1/organization-codes/{unused}/"), 204)
    refused(await world.operator.get(f"/v1/organization-codes/{unused}/"), 404)
    assert refused(await world.operator.delete(f"/v1/organization-codes/{used}/"), 409)[0]["code"] == "in-use"
    member = await world.staff(organization)
    path = "/v1/user-organizations/"
    (row,) = ids(await world.operator.get(path, params={"organization-id": str(organization), "user-id": str(member)}))
    ok(await world.operator.delete(f"{path}{row}/"), 204)
    refused(await world.operator.delete(f"{path}{row}/"), 404)
    own = {"organization-id": str(organization), "user-id": str(world.operator_id)}
    (last,) = ids(await world.operator.get(path, params=own))
    assert refused(await world.operator.delete(f"{path}{last}/"), 409)[0]["code"] == "last-admin"
