"""What identity and authz announce, as it changes this service's rows."""

from uuid import UUID, uuid4

from contracts.authz import RoleUserAdded, RoleUserRemoved
from contracts.identity import UserConfirmed, UserCreated, UserUpdated
from contracts.orgs import GroupPeopleChanged, IndividualRegistered, IndividualUpdated, OrganizationUserAdded
from contracts.permissions import ROLE_IDS
from orgs_world import World, new, ok, refused


async def signed_up(world: World, hear, organization: UUID, code: str | None, **attributes) -> tuple[UUID, UUID]:
    """A participant's user and individual."""
    individual = uuid4()
    user = world.neighbours.user(primary_individual_id=str(individual), **attributes)
    event = UserConfirmed(
        user_id=user,
        account_type="patient",
        organization_id=organization,
        organization_code=code,
        individual_id=individual,
    )
    await hear(event)
    return user, individual


async def test_who_came_by_a_code_is_taken_in(world: World, hear, outbox) -> None:
    organization = await world.organization()
    group = await world.group(organization)
    body = new("organization-codes", organization_id=organization, individual_group_id=group)
    code = ok(await world.operator.post("/v1/organization-codes/", json=body), 201)["data"]["id"]
    described = {"first_name": "Ana", "last_name": "Ruiz", "birth_date": "1980-02-03", "email_verified": True}
    user, individual = await signed_up(world, hear, organization, code, email="ana@example.org", **described)
    events = await outbox()
    registered = next(event for event in events if isinstance(event, IndividualRegistered))
    assert (registered.individual_id, registered.user_id, registered.owner_id) == (individual, user, organization)
    assert events[-1] == OrganizationUserAdded(
        organization_id=organization, user_id=user, account_type="patient", individual_id=individual
    )
    joined = [event for event in events if isinstance(event, GroupPeopleChanged) and event.group_id == group]
    assert joined[0].added == (individual,)
    assert await world.people_of(group) == {individual}
    assert await world.people_of((await world.kept(organization))["unassigned"]) == set()
    read = ok(await world.operator.get(f"/v1/organization-codes/{code}/"))["data"]["attributes"]
    assert read["sign-up-requests-count"] == 1
    users = ok(await world.operator.get(f"/v1/organization-codes/{code}/users/?text=ana&email-verified=true"))
    assert [row["id"] for row in users["data"]] == [str(user)]
    assert users["data"][0]["type"] == "organization-code-users"
    assert users["data"][0]["attributes"]["primary-individual-id"] == str(individual)
    for query in ("email=other@example.org", "state=archived", "email-verified=false", "text=zzz"):
        assert ok(await world.operator.get(f"/v1/organization-codes/{code}/users/?{query}"))["data"] == []
    own = ok(await world.as_(user).get(f"/v1/individuals/{individual}/"))["data"]["attributes"]
    assert (own["first-name"], own["birth-date"], own["registered"]) == ("Ana", "1980-02-03", True)
    refused(await world.as_(user).get(f"/v1/organizations/{organization}/"), 403)
    answer = await world.act(group, "add-leaders", user_ids=[user])
    assert refused(answer, 400)[0]["source"]["pointer"] == "/user-ids/0"
    mine = ok(await world.as_(user).get("/v1/user-organizations/"))["data"]
    assert mine[0]["attributes"]["account-type"] == "patient"


async def test_a_code_of_another_organization_gives_no_group(world: World, hear) -> None:
    organization, other = await world.organization(), await world.organization()
    group = await world.group(other)
    body = new("organization-codes", organization_id=other, individual_group_id=group)
    code = ok(await world.operator.post("/v1/organization-codes/", json=body), 201)["data"]["id"]
    _, individual = await signed_up(world, hear, organization, code)
    assert await world.people_of(group) == set()
    assert await world.people_of((await world.kept(organization))["unassigned"]) == {individual}


async def test_nothing_follows_without_an_organization(world: World, hear, outbox) -> None:
    user = world.neighbours.user()
    await hear(UserConfirmed(user_id=user, account_type="provider"))
    await hear(UserConfirmed(user_id=user, account_type="provider", organization_id=uuid4()))
    assert not [event for event in await outbox() if isinstance(event, OrganizationUserAdded)]


async def test_staff_who_were_invited(world: World, hear, outbox) -> None:
    organization, user = await world.organization(), world.neighbours.user()
    await hear(UserConfirmed(user_id=user, account_type="provider", organization_id=organization))
    assert (await outbox())[-1].role == "org.member"
    ok(await world.as_(user).get(f"/v1/organizations/{organization}/"))


async def test_a_person_who_changes_is_read_again(world: World, hear, outbox) -> None:
    organization = await world.organization()
    user, individual = await signed_up(world, hear, organization, None, first_name="Ana")
    world.neighbours.user(user, first_name="Eva")
    await hear(UserUpdated(user_id=user))
    assert isinstance((await outbox())[-1], IndividualUpdated)
    read = ok(await world.operator.get(f"/v1/individuals/{individual}/"))["data"]["attributes"]
    assert read["first-name"] == "Eva"
    count = len(await outbox())
    await hear(UserUpdated(user_id=user))
    assert len(await outbox()) == count
    del world.neighbours.users[user]
    await hear(UserUpdated(user_id=user))
    await hear(UserCreated(user_id=uuid4(), account_type="provider", classification="customer"))


async def test_roles_make_staff_and_administrators(world: World, hear, outbox) -> None:
    organization, user = await world.organization(), uuid4()
    admin = {"role_id": ROLE_IDS["org.admin"], "name": "org.admin", "organization_id": organization, "user_id": user}
    await hear(RoleUserAdded(**admin))
    await hear(RoleUserAdded(**admin))
    added = [event for event in await outbox() if isinstance(event, OrganizationUserAdded) and event.user_id == user]
    assert [event.role for event in added] == ["org.admin"]
    body = {"data": {"type": "organizations", "id": str(organization), "attributes": {"name": "X"}}}
    person = world.as_(user)
    ok(await person.patch(f"/v1/organizations/{organization}/", json=body))
    await hear(RoleUserRemoved(**admin))
    refused(await person.patch(f"/v1/organizations/{organization}/", json=body), 403)
    ok(await person.get(f"/v1/organizations/{organization}/"))
    await hear(RoleUserAdded(role_id=uuid4(), name="system.support", user_id=user))
    await hear(RoleUserAdded(**admin | {"organization_id": uuid4()}))
