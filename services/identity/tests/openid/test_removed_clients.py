"""A client that was removed: what it holds in its own name ends with it, in every service."""

from uuid import uuid4

import pytest
from chassis.revocations import Revocations
from contracts.identity import OAuth2ClientDeleted
from identity_world import World, codes
from kernel import Unauthorized
from openid_world import SETTINGS_PATH, App, exchange, registered

MACHINE = {"grant_types": ["client_credentials"], "scopes": ["cohort:read"], "redirect_uris": []}


async def own_token(world: World, app: App) -> str:
    answer = await exchange(world, app, grant_type="client_credentials")
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


async def removed(world: World, app: App) -> OAuth2ClientDeleted:
    """Remove a client, and say what was announced of it."""
    assert (await app.admin.delete(f"{SETTINGS_PATH}{app.id}/")).status_code == 204
    told = await world.events(OAuth2ClientDeleted)
    assert [str(event.oauth2_client_id) for event in told] == [app.id]
    assert told[0].organization_id == app.organization_id
    return told[0]


async def test_its_tokens_end_in_every_service(world: World) -> None:
    app = await registered(world, **MACHINE)
    neighbour = await registered(world, app.admin, **MACHINE)
    tokens = [await own_token(world, app), await own_token(world, app)]
    other = await own_token(world, neighbour)
    event = await removed(world, app)
    elsewhere = Revocations()
    elsewhere.apply(event)
    for token in tokens:
        assert (await world.bearer(token).get("/v1/users/")).status_code == 403, "nothing has told the services yet"
        with pytest.raises(Unauthorized):
            await elsewhere.check(await world.runtime.verifier.verify(token))
    world.runtime.revocations.apply(event)
    for token in tokens:
        answer = await world.bearer(token).get("/v1/users/")
        assert (answer.status_code, codes(answer)) == (401, ["invalid-credential"])
    await elsewhere.check(await world.runtime.verifier.verify(other))
    assert (await world.bearer(other).get("/v1/users/")).status_code == 403


async def test_removing_it_is_announced_once(world: World) -> None:
    app = await registered(world, **MACHINE)
    await removed(world, app)
    assert (await app.admin.delete(f"{SETTINGS_PATH}{app.id}/")).status_code == 404
    assert len(await world.events(OAuth2ClientDeleted)) == 1


async def test_services_that_have_no_news_may_ask(world: World) -> None:
    app = await registered(world, **MACHINE)
    machine = world.bearer(await own_token(world, app))
    answer = await machine.post("/v1/authenticate/", json={})
    assert answer.status_code == 201, answer.text
    told = answer.json()["data"]
    assert (told["user-id"], told["organization-id"]) == (None, str(app.organization_id))
    assert (told["scopes"], "api-key-id" in told) == (["cohort:read"], False)
    await removed(world, app)
    assert (await machine.post("/v1/authenticate/", json={})).status_code == 401


async def test_a_client_of_a_closed_organization(world: World) -> None:
    app = await registered(world, **MACHINE)
    machine = world.bearer(await own_token(world, app))
    await world.rows(
        "INSERT INTO organizations (id, name, display_name, is_active) VALUES (:id, :name, 'x', false)"
        " ON CONFLICT (id) DO UPDATE SET is_active = false",
        id=app.organization_id,
        name=f"closed-{uuid4()}",
    )
    assert (await machine.post("/v1/authenticate/", json={})).status_code == 401
