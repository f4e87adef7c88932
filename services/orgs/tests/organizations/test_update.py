from uuid import uuid4

import pytest
from contracts.orgs import OrganizationUpdated
from orgs_world import World, change, ok, pointers, refused


async def test_administrators_change_it(world: World, outbox) -> None:
    organization = await world.organization()
    admin = world.as_(await world.staff(organization, "org.admin"))
    body = change("organizations", organization, display_name="New", provider_type="clinic", is_active=False)
    changed = ok(await admin.patch(f"/v1/organizations/{organization}/", json=body))["data"]["attributes"]
    assert (changed["display-name"], changed["provider-type"], changed["is-active"]) == ("New", "clinic", False)
    event = (await outbox())[-1]
    assert event == OrganizationUpdated(
        organization_id=organization, name="Harbour Clinic", display_name="New", is_active=False
    )


async def test_nothing_given_changes_nothing(world: World, outbox) -> None:
    organization = await world.organization()
    before = len(await outbox())
    ok(await world.operator.patch(f"/v1/organizations/{organization}/", json=change("organizations", organization)))
    assert len(await outbox()) == before


async def test_members_and_support_may_not_and_strangers_see_nothing(world: World) -> None:
    organization = await world.organization()
    body, path = change("organizations", organization, name="X"), f"/v1/organizations/{organization}/"
    refused(await world.as_(await world.staff(organization)).patch(path, json=body), 403)
    support = world.client.as_(user_id=uuid4(), roles=("system.support",))
    refused(await support.patch(path, json=body), 403)
    stranger = await world.staff(await world.organization(), "org.admin")
    refused(await world.as_(stranger).patch(path, json=body), 404)


@pytest.mark.parametrize(
    "attributes", [{"theme_id": "x"}, {"name": None}, {"timezone": "Nowhere"}, {"is_active": "yes"}]
)
async def test_bad_input_is_named(world: World, attributes) -> None:
    organization = await world.organization()
    body = change("organizations", organization, **attributes)
    answer = await world.operator.patch(f"/v1/organizations/{organization}/", json=body)
    name = next(iter(attributes)).replace("_", "-")
    assert pointers(answer, 400) == {f"/data/attributes/{name}"}


async def test_another_id_in_the_document_is_refused(world: World) -> None:
    organization = await world.organization()
    answer = await world.operator.patch(
        f"/v1/organizations/{organization}/", json=change("organizations", uuid4(), name="X")
    )
    assert pointers(answer, 400) == {"/data/id"}
