"""Clients of organizations: who manages them, what they may be like, and that secrets are shown once."""

from typing import Any
from uuid import uuid4

import pytest
from identity_world import Json, World, codes, kebab, new, pointers
from joserfc.jwk import ECKey, OctKey, RSAKey
from openid_world import CALLBACK, SETTINGS_PATH, admin_of, exchange, lives, registered, request_of, tokens
from openid_world import person as browser_of_a_person
from testkit.client import Client

KIND = "oauth2-client-settings"
AT = "/data/attributes"


async def attempt(world: World, admin: Client, **fields: Any) -> Any:
    body: Json = {"name": "App", "organization_id": str(world.orgs.organization_id), "redirect_uris": [CALLBACK]}
    return await admin.post(SETTINGS_PATH, json=new(KIND, kebab(body | fields)))


async def changed(admin: Client, identifier: str, **fields: Any) -> Any:
    body = {"data": {"type": KIND, "id": identifier, "attributes": kebab(fields)}}
    return await admin.patch(f"{SETTINGS_PATH}{identifier}/", json=body)


async def test_a_secret_is_shown_once_and_kept_as_a_hash(world: World) -> None:
    app = await registered(world)
    assert str(app.secret).startswith("mst_cs_")
    read = (await app.admin.get(f"{SETTINGS_PATH}{app.id}/")).json()["data"]["attributes"]
    assert (read["secret"], read["client-id"], read["grant-type"]) == (None, app.client_id, "authorization_code")
    listed = await app.admin.get(SETTINGS_PATH, params={"organization-id": str(app.organization_id)})
    assert [row["id"] for row in listed.json()["data"]] == [app.id]
    assert str(app.secret) not in listed.text
    (row,) = await world.rows("SELECT secret_hash FROM oauth2_clients")
    assert len(row.secret_hash) == 32
    (audited,) = await world.rows("SELECT details::text FROM audit_events WHERE action = 'oauth2-client-created'")
    assert str(app.secret) not in str(audited)


async def test_lists_are_searched_and_paged(world: World) -> None:
    admin = await admin_of(world, world.orgs.organization_id)
    for name in ("Alpha", "beta", "100%"):
        assert (await attempt(world, admin, name=name)).status_code == 201
    place = {"organization-id": str(world.orgs.organization_id)}
    for text, found in (("ALP", ["Alpha"]), ("%", ["100%"]), ("nothing", [])):
        answer = (await admin.get(SETTINGS_PATH, params={**place, "filter[name]": text})).json()
        assert [row["attributes"]["name"] for row in answer["data"]] == found
    page = (await admin.get(SETTINGS_PATH, params={**place, "page[limit]": 1, "page[offset]": 1})).json()
    assert [row["attributes"]["name"] for row in page["data"]] == ["beta"]
    assert page["meta"]["page[total]"] == 3
    assert (await admin.get(SETTINGS_PATH)).status_code == 400
    assert (await admin.get(SETTINGS_PATH, params={"organization-id": str(uuid4())})).status_code == 404


BAD: list[tuple[Json, str]] = [
    ({"name": ""}, f"{AT}/name"),
    ({"name": "a\nb"}, f"{AT}/name"),
    ({"name": "n" * 256}, f"{AT}/name"),
    ({"redirect_uris": []}, f"{AT}/redirect-uris"),
    ({"redirect_uris": ["http://app.example/cb"]}, f"{AT}/redirect-uris/0"),
    ({"redirect_uris": [CALLBACK, "/relative"]}, f"{AT}/redirect-uris/1"),
    ({"redirect_uris": ["https://app.example/cb#x"]}, f"{AT}/redirect-uris/0"),
    ({"redirect_uris": ["https://user@app.example/cb"]}, f"{AT}/redirect-uris/0"),
    ({"redirect_uris": ["https://*.example/cb"]}, f"{AT}/redirect-uris/0"),
    ({"redirect_uris": ["https:///cb"]}, f"{AT}/redirect-uris/0"),
    ({"redirect_uris": ["https://app.example:port/cb"]}, f"{AT}/redirect-uris/0"),
    ({"redirect_uris": ["javascript:alert(1)"]}, f"{AT}/redirect-uris/0"),
    ({"redirect_uris": ["data:text/html,x"]}, f"{AT}/redirect-uris/0"),
    ({"redirect_uris": ["org.example.app:/cb"]}, f"{AT}/redirect-uris/0"),
    ({"redirect_uris": ["myapp:/cb"], "application_type": "native"}, f"{AT}/redirect-uris/0"),
    ({"post_logout_redirect_uris": ["ftp://x.example"]}, f"{AT}/post-logout-redirect-uris/0"),
    ({"grant_types": []}, f"{AT}/grant-types"),
    ({"grant_types": ["password"]}, f"{AT}/grant-types/0"),
    ({"grant_types": ["refresh_token"]}, f"{AT}/grant-types"),
    ({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"}, f"{AT}/grant-types"),
    ({"scopes": ["openid", "everything"]}, f"{AT}/scopes/1"),
    ({"token_endpoint_auth_method": "private_key_jwt"}, f"{AT}/jwks"),
    ({"token_endpoint_auth_method": "magic"}, f"{AT}/token-endpoint-auth-method"),
    ({"jwks": {"keys": []}}, f"{AT}/jwks"),
    ({"backchannel_logout_uri": "http://app.example/out"}, f"{AT}/backchannel-logout-uri"),
    ({"backchannel_logout_uri": "https://192.168.1.1/out"}, f"{AT}/backchannel-logout-uri"),
    ({"secret": "mine"}, f"{AT}/secret"),
]


@pytest.mark.parametrize(("fields", "pointer"), BAD, ids=range(len(BAD)))
async def test_settings_that_are_wrong(world: World, fields: Json, pointer: str) -> None:
    answer = await attempt(world, await admin_of(world, world.orgs.organization_id), **fields)
    assert (answer.status_code, pointers(answer)) == (400, [pointer]), answer.text


async def test_keys_that_are_wrong(world: World) -> None:
    admin = await admin_of(world, world.orgs.organization_id)
    strong = ECKey.generate_key("P-256")
    bad: list[Any] = [
        {},
        {"keys": "x"},
        {"keys": []},
        {"keys": [{"kty": "EC"}]},
        {"keys": [strong.as_dict(private=True)]},
        {"keys": [OctKey.generate_key(256).as_dict()]},
        {"keys": [strong.as_dict(private=False)] * 11},
        {"keys": [ECKey.generate_key("secp256k1").as_dict(private=False)]},
    ]
    for jwks in bad:
        answer = await attempt(world, admin, token_endpoint_auth_method="private_key_jwt", jwks=jwks)
        assert (answer.status_code, pointers(answer)) == (400, [f"{AT}/jwks"]), jwks
    good = {"keys": [strong.as_dict(private=False), RSAKey.generate_key(2048).as_dict(private=False)]}
    answer = await attempt(world, admin, token_endpoint_auth_method="private_key_jwt", jwks=good)
    assert answer.status_code == 201
    assert answer.json()["data"]["attributes"]["secret"] is None
    identifier = answer.json()["data"]["id"]
    reset = await admin.post(f"{SETTINGS_PATH}{identifier}/reset-secret/", json={})
    assert (reset.status_code, reset.json()["errors"][0]["code"]) == (400, "no-secret")


async def test_all_problems_at_once(world: World) -> None:
    admin = await admin_of(world, world.orgs.organization_id)
    answer = await attempt(world, admin, redirect_uris=["ftp://x"], scopes=["x"], grant_types=["refresh_token"])
    assert len(pointers(answer)) == 3


async def test_changes(world: World) -> None:
    app = await registered(world)
    answer = await changed(app.admin, app.id, name="New", redirect_uris=[f"{CALLBACK}2"], require_consent=False)
    assert answer.status_code == 200
    shown = answer.json()["data"]["attributes"]
    assert (shown["name"], shown["redirect-uris"], shown["require-consent"]) == ("New", [f"{CALLBACK}2"], False)
    browser = await browser_of_a_person(world)
    assert (await browser.visit(request_of(app))).status_code == 400
    page = await browser.visit(request_of(app, redirect_uri=f"{CALLBACK}2"))
    assert (await browser.sign_in(page)).headers["location"].startswith(f"{CALLBACK}2?code=")
    wrong = await changed(app.admin, app.id, redirect_uris=["x"], name="Other")
    assert pointers(wrong) == [f"{AT}/redirect-uris/0"]
    assert (await app.admin.get(f"{SETTINGS_PATH}{app.id}/")).json()["data"]["attributes"]["name"] == "New"
    assert (await changed(app.admin, app.id, organization_id=str(uuid4()))).status_code == 400
    assert (await changed(app.admin, str(uuid4()), name="x")).status_code == 404


async def test_scopes_that_are_taken_away_are_not_given_again(world: World) -> None:
    app = await registered(world)
    got = await tokens(world, app)
    await changed(app.admin, app.id, scopes=["openid", "offline_access"])
    again = await exchange(world, app, grant_type="refresh_token", refresh_token=got["refresh_token"])
    assert again.json()["scope"] == "openid offline_access"


async def test_a_removed_client_has_nothing_left(world: World) -> None:
    app = await registered(world)
    got = await tokens(world, app)
    assert (await app.admin.delete(f"{SETTINGS_PATH}{app.id}/")).status_code == 204
    assert not await lives(world, got["access_token"])
    answer = await exchange(world, app, grant_type="refresh_token", refresh_token=got["refresh_token"])
    assert answer.json()["error"] == "invalid_client"
    assert (await app.admin.get(f"{SETTINGS_PATH}{app.id}/")).status_code == 404
    assert (await app.admin.delete(f"{SETTINGS_PATH}{app.id}/")).status_code == 404


async def test_an_organization_that_is_not_active(world: World) -> None:
    app = await registered(world)
    await world.rows(
        "INSERT INTO organizations (id, name, display_name, is_active) VALUES (:id, 'x', 'x', false)"
        " ON CONFLICT (id) DO UPDATE SET is_active = false",
        id=app.organization_id,
    )
    answer = await exchange(world, app, grant_type="client_credentials")
    assert answer.json()["error"] == "invalid_client"


async def test_who_acts_for_another_person_makes_no_clients(world: World) -> None:
    organization, support = world.orgs.organization_id, uuid4()
    admin = await world.staff(organization, role="org.admin")
    acting = world.client.as_(user_id=admin, act={"sub": str(support), "sid": str(uuid4())})
    assert (await attempt(world, acting)).status_code == 403
    operator = world.client.as_operator()
    answer = await attempt(world, operator, organization_id=str(uuid4()))
    assert (answer.status_code, pointers(answer)) == (404, [f"{AT}/organization-id"])


async def test_clients_and_their_secrets_take_a_recent_sign_in(world: World) -> None:
    organization = world.orgs.organization_id
    admin = await world.staff(organization, role="org.admin")
    app = await registered(world, world.client.as_(user_id=admin))
    long_ago = world.client.as_(user_id=admin, auth_time=0)
    for answer in (
        await attempt(world, long_ago),
        await changed(long_ago, app.id, redirect_uris=["https://elsewhere.example/callback"]),
        await long_ago.post(f"{SETTINGS_PATH}{app.id}/reset-secret/", json={"overlap-seconds": 0}),
    ):
        assert (answer.status_code, codes(answer)) == (401, ["insufficient-user-authentication"])
    assert (await long_ago.get(f"{SETTINGS_PATH}{app.id}/")).status_code == 200
