"""A service account is staff until it is deleted; the last administrator stays whoever it is."""

from contracts.identity import ServiceAccountDeleted, UserConfirmed
from contracts.orgs import OrganizationUserRemoved
from orgs_world import World, new, ok


async def members(world: World, organization) -> set[str]:
    found = ok(await world.operator.get(f"/v1/user-organizations/?organization-id={organization}"))["data"]
    return {row["attributes"]["user-id"] for row in found}


async def test_a_machine_comes_and_goes(world: World, hear, outbox) -> None:
    organization, machine = await world.organization(), world.neighbours.user()
    await hear(UserConfirmed(user_id=machine, account_type="provider", organization_id=organization))
    assert str(machine) in await members(world, organization)
    deleted = ServiceAccountDeleted(service_account_id=machine, organization_id=organization)
    for _ in range(2):
        await hear(deleted)
    assert str(machine) not in await members(world, organization)
    removed = [event for event in await outbox() if isinstance(event, OrganizationUserRemoved)]
    assert [event.user_id for event in removed] == [machine]


async def test_a_machine_that_alone_administers_stays(world: World, hear) -> None:
    organization, machine = await world.organization(), await world.staff(await world.organization())
    add = new("organizations", user_id=machine, role_id="018f0000-0000-7000-8000-000000000001")
    ok(await world.operator.post(f"/v1/organizations/{organization}/add-user/", json=add), 201)
    gone = new("organizations", user_id=world.operator_id)
    ok(await world.operator.post(f"/v1/organizations/{organization}/remove-user/", json=gone), 201)
    await hear(ServiceAccountDeleted(service_account_id=machine, organization_id=organization))
    assert str(machine) in await members(world, organization)
