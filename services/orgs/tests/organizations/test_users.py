from uuid import uuid4

from contracts.orgs import GroupPeopleChanged, OrganizationUserAdded, OrganizationUserRemoved
from contracts.permissions import ROLE_IDS
from orgs_world import World, new, ok, pointers, refused
from testkit.races import race


def url(organization, action: str) -> str:
    return f"/v1/organizations/{organization}/{action}-user/"


async def test_by_id_with_the_default_role_and_twice_changes_nothing(world: World, outbox) -> None:
    organization, user = await world.organization(), world.neighbours.user()
    for _ in range(2):
        body = new("organizations", user_id=user)
        assert ok(await world.operator.post(url(organization, "add"), json=body), 201) is None
    added = [e for e in await outbox() if isinstance(e, OrganizationUserAdded) and e.user_id == user]
    assert added == [
        OrganizationUserAdded(organization_id=organization, user_id=user, account_type="provider", role="org.member")
    ]


async def test_by_email_whatever_its_case_and_with_a_role(world: World, outbox) -> None:
    organization, user = await world.organization(), world.neighbours.user(email="Ana@Example.org")
    body = new("organizations", email="ana@example.org", role_id=ROLE_IDS["org.admin"])
    ok(await world.operator.post(url(organization, "add"), json=body), 201)
    event = (await outbox())[-1]
    assert (event.user_id, event.role) == (user, "org.admin")
    ok(await world.as_(user).patch(f"/v1/organizations/{organization}/", json=_touch(organization)))


async def test_another_role_is_added_to_the_first(world: World, outbox) -> None:
    organization = await world.organization()
    user = await world.staff(organization)
    body = new("organizations", user_id=user, role_id=ROLE_IDS["org.admin"])
    ok(await world.operator.post(url(organization, "add"), json=body), 201)
    assert (await outbox())[-1].role == "org.admin"
    ok(await world.operator.post(url(organization, "add"), json=new("organizations", user_id=user)), 201)
    ok(await world.as_(user).patch(f"/v1/organizations/{organization}/", json=_touch(organization)))


async def test_a_role_that_the_organization_made(world: World, outbox) -> None:
    organization, other = await world.organization(), await world.organization()
    coach, foreign = uuid4(), uuid4()
    world.neighbours.roles = [
        {"id": str(coach), "attributes": {"name": "coach", "organization-id": str(organization)}},
        {"id": str(foreign), "attributes": {"name": "coach", "organization-id": str(other)}},
    ]
    user = world.neighbours.user()
    body = new("organizations", user_id=user, role_id=coach)
    ok(await world.operator.post(url(organization, "add"), json=body), 201)
    assert (await outbox())[-1].role == "coach"
    answer = await world.operator.post(
        url(organization, "add"), json=new("organizations", user_id=user, role_id=foreign)
    )
    assert pointers(answer, 404) == {"/data/attributes/role-id"}


async def test_unknown_people_and_bad_bodies(world: World) -> None:
    organization = await world.organization()
    path = url(organization, "add")

    async def post(**attributes):
        return await world.operator.post(path, json=new("organizations", **attributes))

    assert pointers(await post(user_id=uuid4()), 404) == {"/data/attributes/user-id"}
    assert pointers(await post(email="nobody@example.org"), 404) == {"/data/attributes/email"}
    world.neighbours.user(email="claimed@example.org", email_verified=False)
    assert pointers(await post(email="claimed@example.org"), 404) == {"/data/attributes/email"}
    assert pointers(await post(), 400) == {"/data/attributes"}
    assert pointers(await post(user_id=uuid4(), email="a@example.org"), 400) == {"/data/attributes"}
    assert pointers(await post(email="no address"), 400) == {"/data/attributes/email"}
    answer = await post(user_id=world.neighbours.user(), role_id=ROLE_IDS["system.admin"])
    assert pointers(answer, 400) == {"/data/attributes/role-id"}


async def test_only_administrators(world: World) -> None:
    organization, user = await world.organization(), world.neighbours.user()
    member = world.as_(await world.staff(organization))
    stranger = world.as_(await world.staff(await world.organization(), "org.admin"))
    for action in ("add", "remove"):
        body = new("organizations", user_id=user)
        refused(await member.post(url(organization, action), json=body), 403)
        refused(await stranger.post(url(organization, action), json=body), 404)


async def test_removed_people_leave_the_groups_too(world: World, outbox) -> None:
    organization = await world.organization()
    group = await world.group(organization)
    user = await world.staff(organization)
    ok(await world.act(group, "add-leaders", user_ids=[user]), 201)
    ok(await world.act(group, "add-members", user_ids=[user]), 201)
    ok(await world.as_(user).get(f"/v1/individual-groups/{group}/"))
    ok(await world.operator.post(url(organization, "remove"), json=new("organizations", user_id=user)), 201)
    events = (await outbox())[-3:]
    assert {event.kind for event in events[:2] if isinstance(event, GroupPeopleChanged)} == {"leader", "member"}
    assert events[2] == OrganizationUserRemoved(organization_id=organization, user_id=user)
    refused(await world.as_(user).get(f"/v1/individual-groups/{group}/"), 404)
    answer = await world.operator.post(url(organization, "remove"), json=new("organizations", user_id=user))
    assert pointers(answer, 404) == {"/data/attributes/user-id"}


async def test_by_email(world: World) -> None:
    organization = await world.organization()
    await world.staff(organization, email="leaver@example.org")
    body = new("organizations", email="leaver@example.org")
    ok(await world.operator.post(url(organization, "remove"), json=body), 201)
    assert pointers(await world.operator.post(url(organization, "remove"), json=body), 404)


async def test_the_last_administrator_stays(world: World) -> None:
    organization = await world.organization()
    body = new("organizations", user_id=world.operator_id)
    errors = refused(await world.operator.post(url(organization, "remove"), json=body), 409)
    assert errors[0]["code"] == "last-admin"


async def test_two_last_administrators_who_remove_each_other(live_world: World) -> None:
    organization = await live_world.organization()
    other = await live_world.staff(organization, "org.admin")
    clients = [live_world.operator, live_world.as_(other)]
    targets = [other, live_world.operator_id]

    async def remove(number: int) -> int:
        body = new("organizations", user_id=targets[number % 2])
        return (await clients[number % 2].post(url(organization, "remove"), json=body)).status_code

    results = await race(remove, 2)
    assert sorted(results) in ([201, 403], [201, 404], [201, 409])


def _touch(organization) -> dict:
    return {"data": {"type": "organizations", "id": str(organization), "attributes": {"name": "Changed"}}}
