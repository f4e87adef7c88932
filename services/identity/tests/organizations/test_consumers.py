from uuid import UUID, uuid4

from contracts.authz import RoleUserAdded, RoleUserRemoved
from contracts.identity import TokensOutdated
from contracts.orgs import (
    OrganizationCreated,
    OrganizationUpdated,
    OrganizationUserAdded,
    OrganizationUserRemoved,
)
from contracts.permissions import ROLE_IDS
from identity_world import World


async def outdated(world: World) -> int:
    return len(await world.events(TokensOutdated))


async def test_a_gain_outdates_nothing_and_a_loss_told_twice_does_once(world: World) -> None:
    user_id, organization = await world.account(), uuid4()
    added = OrganizationUserAdded(
        organization_id=organization, user_id=user_id, account_type="provider", role="org.admin"
    )
    await world.hear(added)
    role = {"role_id": ROLE_IDS["org.admin"], "name": "org.admin", "user_id": user_id}
    await world.hear(RoleUserAdded(**role, organization_id=organization))
    assert await outdated(world) == 0
    await world.hear(OrganizationUserRemoved(organization_id=organization, user_id=user_id))
    assert await outdated(world) == 1
    await world.hear(RoleUserRemoved(**role, organization_id=organization))
    assert await outdated(world) == 1


async def test_what_a_confirmation_already_said_outdates_nothing(world: World) -> None:
    _, user_id = await world.confirmed()
    individual = (await world.rows("SELECT primary_individual_id AS id FROM users WHERE id = :id", id=user_id))[0].id
    await world.hear(
        OrganizationUserAdded(
            organization_id=world.orgs.organization_id,
            user_id=user_id,
            account_type="patient",
            individual_id=individual,
        )
    )
    assert await outdated(world) == 0


async def test_a_token_from_before_a_change_must_be_refreshed_once(world: World) -> None:
    tokens = await world.signed_in()
    user_id, role = UUID(tokens["user-id"]), {"role_id": uuid4(), "name": "system.support"}
    await world.hear(RoleUserAdded(**role, user_id=user_id))
    assert await outdated(world) == 0
    gained = (await world.refresh(tokens["refresh-token"])).json()
    assert (await world.runtime.verifier.verify(gained["access-token"])).roles == {"system.support"}
    await world.hear(RoleUserRemoved(**role, user_id=user_id))
    before = (await world.events(TokensOutdated))[-1].issued_before
    old = await world.runtime.verifier.verify(tokens["access-token"])
    assert old.issued_at < before
    refreshed = (await world.refresh(gained["refresh-token"])).json()
    new = await world.runtime.verifier.verify(refreshed["access-token"])
    assert new.issued_at > before
    assert new.roles == set()
    assert (await world.bearer(refreshed["access-token"]).post("/v1/authenticate/", json={})).status_code == 201
    assert await outdated(world) == 1


async def test_roles_of_an_organization_that_one_left_do_not_count(world: World) -> None:
    user_id, organization = await world.account(), uuid4()
    late = RoleUserAdded(role_id=uuid4(), name="org.admin", user_id=user_id, organization_id=organization)
    await world.hear(late)
    assert await outdated(world) == 0
    shown = await world.client.as_operator().get(f"/v1/users/{user_id}/", params={"with-roles": True})
    assert shown.json()["data"]["attributes"]["roles"] == []


async def test_facts_of_users_whom_identity_does_not_know(world: World) -> None:
    await world.belongs(uuid4(), uuid4(), role="org.member")
    assert await outdated(world) == 0


async def test_names_of_organizations(world: World) -> None:
    organization = uuid4()
    user_id = await world.staff(organization, role="org.admin")
    known = {"organization_id": organization, "name": "care"}
    await world.hear(OrganizationCreated(**known, number=1, display_name="Care"))
    await world.hear(OrganizationUpdated(**known, display_name="Care & Co", is_active=True))
    me = world.client.as_(user_id=user_id)
    shown = (await me.get(f"/v1/users/{user_id}/", params={"with-roles": True})).json()["data"]["attributes"]
    assert shown["organizations"] == [{"id": str(organization), "name": "care", "display-name": "Care & Co"}]
    assert shown["roles"] == [
        {
            "id": str(ROLE_IDS["org.admin"]),
            "name": "org.admin",
            "display-name": "Administrator",
            "organization-id": str(organization),
            "organization-name": "care",
            "organization-display-name": "Care & Co",
        }
    ]
    assert shown["organization-admin"] is True
