from uuid import UUID, uuid4

import pytest
from contracts.identity import MessageRequested, ServiceAccountDeleted, UserConfirmed, UserDisabled
from identity_world import NEW_PASSWORD, World, codes, new, pointers
from machines import by_key, made_account, made_key, who

PATH = "/v1/service-accounts/"


@pytest.fixture
async def place(world: World) -> tuple[UUID, UUID]:
    """An organization and its administrator."""
    organization = uuid4()
    return organization, await world.staff(organization, role="org.admin")


async def test_a_machine_is_a_member_of_its_organization(world: World, place: tuple[UUID, UUID]) -> None:
    organization, admin = place
    made = await made_account(world, admin, organization, description="Reads at night")
    attributes = made["attributes"]
    assert (attributes["state"], attributes["roles"], attributes["acts-for-users"]) == ("active", ["org.member"], False)
    told = [event for event in await world.events(UserConfirmed) if str(event.user_id) == made["id"]]
    assert (told[0].organization_id, told[0].account_type) == (organization, "provider")
    key = await made_key(world, admin, organization, service_account_id=made["id"])
    assert key["attributes"]["service-account-id"] == made["id"]
    found = await who(by_key(world, key["attributes"]["key"]))
    assert isinstance(found, dict)
    assert (found["user-id"], found["organization-id"]) == (made["id"], str(organization))
    await world.belongs(UUID(made["id"]), organization, role="org.admin")
    found = await who(by_key(world, key["attributes"]["key"]))
    assert isinstance(found, dict)
    assert found["roles"] == ["org.admin"], "a role counts from the next call on"
    people = await world.client.as_(user_id=admin).get(f"/v1/users/?organization-id={organization}")
    assert made["id"] not in {row["id"] for row in people.json()["data"]}, "a machine is not among the people"


async def test_what_is_disabled_does_nothing(world: World, place: tuple[UUID, UUID]) -> None:
    organization, admin = place
    made, me = await made_account(world, admin, organization), world.client.as_(user_id=admin)
    key = await made_key(world, admin, organization, service_account_id=made["id"])
    machine = by_key(world, key["attributes"]["key"])
    answer = await me.post(f"{PATH}{made['id']}/disable/")
    assert (answer.status_code, answer.json()["data"]["attributes"]["state"]) == (201, "disabled")
    assert [str(event.user_id) for event in await world.events(UserDisabled)] == [made["id"]]
    assert await who(machine) == 401
    body = new("api-keys", {"name": "x", "scopes": ["cohort:read"], "service-account-id": made["id"]})
    body["data"]["attributes"]["organization-id"] = str(organization)
    assert codes(await me.post("/v1/api-keys/", json=body)) == ["not-possible"]
    assert (await me.post(f"{PATH}{made['id']}/enable/")).json()["data"]["attributes"]["state"] == "active"
    assert isinstance(await who(machine), dict)
    assert (await me.delete(f"{PATH}{made['id']}/")).status_code == 204
    assert await who(machine) == 401
    assert (await me.get(f"{PATH}{made['id']}/")).status_code == 404
    assert [str(event.service_account_id) for event in await world.events(ServiceAccountDeleted)] == [made["id"]]
    assert (await made_account(world, admin, organization))["id"] != made["id"], "the name is free again"
    trail = await world.rows("SELECT action FROM audit_events WHERE target = :t", t=f"service-accounts:{made['id']}")
    assert [row.action for row in trail] == ["service-account-created", "service-account-deleted"]


async def test_nobody_signs_in_as_a_machine(world: World, place: tuple[UUID, UUID]) -> None:
    organization, admin = place
    made = await made_account(world, admin, organization)
    username = (await world.rows("SELECT username FROM users WHERE id = :id", id=UUID(made["id"])))[0].username
    answer = await world.sign_in(username, "")
    assert answer.status_code in {400, 401}
    assert (await world.sign_in(username, NEW_PASSWORD)).status_code == 401
    support = world.client.as_(user_id=admin, roles=("system.support",))
    change = {"new-password": NEW_PASSWORD, "context": "support"}
    answer = await support.post(f"/v1/users/{made['id']}/change-password/", json=change)
    assert answer.status_code in {400, 409}
    await world.post("/v1/forgot-password/", {"username": username})
    await world.settle()
    await world.client.as_operator().patch(
        f"/v1/users/{made['id']}/",
        json={"data": {"type": "users", "id": made["id"], "attributes": {"email": "machine@example.org"}}},
    )
    await world.post("/v1/forgot-password/", {"username": username})
    await world.settle()
    sent = await world.events(MessageRequested)
    if sent:
        code = (await world.message())["variables"].get("code", "0")
        body = {"username": username, "confirmation-code": code, "password": NEW_PASSWORD}
        await world.post("/v1/confirm-forgot-password/", body)
    assert (await world.sign_in(username, NEW_PASSWORD)).status_code == 401
    wanted = new("impersonation-requests", {"user-id": made["id"], "reason": "To see"})
    helper = world.client.as_(user_id=await world.account(), roles=("system.support",))
    assert codes(await helper.post("/v1/impersonation-requests/", json=wanted)) == ["service-account"]
    row = await world.rows("SELECT password_hash FROM users WHERE id = :id", id=UUID(made["id"]))
    assert row[0].password_hash is None


async def test_who_makes_and_changes_machines(world: World, place: tuple[UUID, UUID]) -> None:
    organization, admin = place
    member, outsider = await world.staff(organization), await world.staff(uuid4(), role="org.admin")
    made = await made_account(world, admin, organization)
    body = new("service-accounts", {"name": "Other", "organization-id": str(organization)})
    for caller, status in ((member, 403), (outsider, 404)):
        client = world.client.as_(user_id=caller)
        assert (await client.post(PATH, json=body)).status_code == status
        assert (await client.get(f"{PATH}{made['id']}/")).status_code == 404
        assert (await client.delete(f"{PATH}{made['id']}/")).status_code == 404
        assert (await client.get(PATH)).json()["data"] == []
        key = new("api-keys", {"name": "x", "scopes": ["cohort:read"], "service-account-id": made["id"]})
        key["data"]["attributes"]["organization-id"] = str(organization)
        assert (await client.post("/v1/api-keys/", json=key)).status_code == status
    me = world.client.as_(user_id=admin)
    taken = new("service-accounts", {"name": "IMPORTER", "organization-id": str(organization)})
    assert codes(await me.post(PATH, json=taken)) == ["taken"]
    blank = new("service-accounts", {"name": " \t", "organization-id": str(organization)})
    assert pointers(await me.post(PATH, json=blank)) == ["/data/attributes/name"]
    change = {"data": {"type": "service-accounts", "id": made["id"], "attributes": {"acts-for-users": True}}}
    answer = await me.patch(f"{PATH}{made['id']}/", json=change)
    assert answer.json()["data"]["attributes"]["acts-for-users"] is True
    listed = await me.get(f"{PATH}?filter[organization-id]={organization}&filter[state]=active")
    assert [row["id"] for row in listed.json()["data"]] == [made["id"]]
