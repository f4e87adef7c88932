"""What a key may do here: as its bearer, in its organization, within its scopes."""

from uuid import uuid4

import pytest
from orgs_world import World, ids, new
from testkit.client import Client
from testkit.principals import key_token

READS = ("group:read", "individual:read", "organization:read")


@pytest.fixture
async def machine(world: World) -> tuple[Client, dict[str, str]]:
    """The key, for one of them, of somebody who administers two organizations and leads a group in a third."""
    home, away, third = [await world.organization() for _ in range(3)]
    admin = await world.staff(home, "org.admin")
    await world.operator.post(f"/v1/organizations/{away}/add-user/", json=new("organizations", user_id=admin))
    await world.operator.post(f"/v1/organizations/{third}/add-user/", json=new("organizations", user_id=admin))
    groups = [await world.group(organization) for organization in (home, away, third)]
    await world.act(groups[2], "add-leaders", user_ids=[admin])
    individuals = [await world.individual(organization) for organization in (home, away)]
    named = {"home": home, "away": away, "mine": groups[0], "led": groups[2], "person": individuals[0]}
    token = key_token(organization_id=home, scopes=READS, user_id=admin, roles=["org.admin"])
    return world.client.with_token(token), {name: str(value) for name, value in named.items()}


async def test_a_key_reaches_its_organization_and_no_other(machine: tuple[Client, dict[str, str]]) -> None:
    client, named = machine
    assert [str(one) for one in ids(await client.get("/v1/organizations/"))] == [named["home"]]
    assert (await client.get(f"/v1/organizations/{named['home']}/")).status_code == 200
    assert (await client.get(f"/v1/organizations/{named['away']}/")).status_code == 404
    assert (await client.get(f"/v1/individual-groups/{named['mine']}/")).status_code == 200
    assert (await client.get(f"/v1/individual-groups/{named['led']}/")).status_code == 404
    found = {str(one) for one in ids(await client.get("/v2/individual-groups/?type=regular"))}
    assert found == {named["mine"]}
    assert [str(one) for one in ids(await client.get("/v1/individuals/"))] == [named["person"]]


async def test_a_key_without_the_scope_is_told_which(machine: tuple[Client, dict[str, str]]) -> None:
    client, named = machine
    answer = await client.post("/v1/individual-groups/", json=new("individual-groups", organization_id=named["home"]))
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["code"], error["meta"]["scope"]) == (403, "insufficient-scope", "group:write")
    answer = await client.patch(f"/v1/organizations/{named['home']}/", json={})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "insufficient-scope")


async def test_a_key_that_names_no_organization_reaches_nothing(world: World) -> None:
    home = await world.organization()
    admin = await world.staff(home, "org.admin")
    token = world.client.as_(user_id=admin, scope="organization:read")
    assert ids(await token.get("/v1/organizations/")) == []
    elsewhere = world.client.with_token(key_token(organization_id=uuid4(), scopes=READS, user_id=admin))
    assert ids(await elsewhere.get("/v1/organizations/")) == []
