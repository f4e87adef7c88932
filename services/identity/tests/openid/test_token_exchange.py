"""RFC 8693 and client credentials, for applications and for service accounts."""

from typing import Any
from uuid import UUID

import pytest
from identity_world import World, codes
from machines import made_account, made_key, who
from openid_world import App, coded, exchange, person, redeem, registered
from testkit.principals import access_token

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
SCOPES = ["cohort:read", "person:read"]


class Place:
    """An organization with a person who signed in, and a machine with a key."""

    def __init__(self, world: World) -> None:
        self.world, self.organization = world, world.orgs.organization_id

    async def made(self, *, acts: bool = True, scopes: list[str] | None = None) -> "Place":
        self.admin = await self.world.staff(self.organization, role="org.admin")
        self.tokens = await self.world.signed_in()
        account = await made_account(self.world, self.admin, self.organization, acts_for_users=acts)
        fields = {"service_account_id": account["id"], "scopes": scopes or SCOPES}
        self.account = account["id"]
        self.key = await made_key(self.world, self.admin, self.organization, **fields)
        return self

    @property
    def auth(self) -> tuple[str, str]:
        return self.account, self.key["attributes"]["key"]

    @property
    def app(self) -> App:
        return App(self.account, self.account, self.auth[1], self.organization, self.world.client)

    async def swap(self, **form: Any) -> Any:
        given = {
            "grant_type": EXCHANGE,
            "subject_token": self.tokens["access-token"],
            "subject_token_type": ACCESS_TOKEN,
        }
        whole = {name: value for name, value in (given | form).items() if value is not None}
        return await exchange(self.world, self.app, **whole)


@pytest.fixture
async def place(world: World) -> Place:
    return await Place(world).made()


async def test_a_service_account_gets_a_token_with_its_key(world: World, place: Place) -> None:
    answer = await exchange(world, place.app, grant_type="client_credentials", scope="cohort:read")
    body = answer.json()
    assert (answer.status_code, body["scope"], body["token_type"]) == (200, "cohort:read", "Bearer")
    principal = await world.runtime.verifier.verify(body["access_token"])
    assert (str(principal.user_id), principal.organization_id) == (place.account, place.organization)
    assert (principal.scopes, principal.roles) == (frozenset({"cohort:read"}), frozenset({"org.member"}))
    found = await who(world.bearer(body["access_token"]))
    assert isinstance(found, dict)
    assert found["api-key-id"] == place.key["id"]
    assert codes(await world.bearer(body["access_token"]).get("/v1/users/")) == ["insufficient-scope"]
    await world.client.as_(user_id=place.admin).delete(f"/v1/api-keys/{place.key['id']}/")
    assert await who(world.bearer(body["access_token"])) == 401
    assert (await exchange(world, place.app, grant_type="client_credentials")).json()["error"] == "invalid_client"


async def test_keys_that_are_no_secret_of_the_account(world: World, place: Place) -> None:
    own = await made_key(world, place.admin, place.organization, scopes=SCOPES)
    for auth in ((place.account, own["attributes"]["key"]), (place.account, "x"), (str(place.admin), place.auth[1])):
        answer = await exchange(world, place.app, auth, grant_type="client_credentials")
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    wide = await exchange(world, place.app, grant_type="client_credentials", scope="cohort:write")
    assert wide.json()["error"] == "invalid_scope"
    code = await exchange(world, place.app, grant_type="authorization_code", code="x")
    assert code.json()["error"] in {"unauthorized_client", "invalid_grant"}


async def test_a_service_account_swaps_a_persons_token(world: World, place: Place) -> None:
    answer = await place.swap(scope="person:read")
    body = answer.json()
    assert answer.status_code == 200, body
    assert (body["issued_token_type"], body["scope"]) == (ACCESS_TOKEN, "person:read")
    principal = await world.runtime.verifier.verify(body["access_token"])
    assert str(principal.user_id) == place.tokens["user-id"]
    assert (str(principal.session_id), str(principal.impersonator)) == (place.tokens["session-id"], place.account)
    assert principal.scopes == frozenset({"person:read"})
    assert principal.auth_time is None, "the machine has shown nothing of the person"
    again = await place.swap(subject_token=body["access_token"])
    assert again.json()["error"] == "invalid_grant", "no chains"
    actions = await world.rows("SELECT actor, user_id FROM audit_events WHERE action = 'token-exchanged'")
    assert [(row.actor, str(row.user_id)) for row in actions] == [(f"client:{place.account}", place.tokens["user-id"])]
    await world.bearer(place.tokens["access-token"]).post("/v1/logout/", json={})
    assert await who(world.bearer(body["access_token"])) == 401, "it ends with the session"
    assert (await place.swap()).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"audience": "elsewhere"}, "invalid_target"),
        ({"resource": "https://elsewhere.example/"}, "invalid_target"),
        ({"scope": "cohort:write"}, "invalid_scope"),
        ({"subject_token": "garbage"}, "invalid_grant"),
        ({"actor_token": "garbage", "actor_token_type": ACCESS_TOKEN}, "invalid_grant"),
    ],
)
async def test_what_is_wrong_is_told(place: Place, form: dict[str, str | None], error: str) -> None:
    answer = await place.swap(**form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_tokens_that_are_not_swapped(world: World, place: Place) -> None:
    edge = await world.bearer(place.tokens["access-token"]).post("/v1/authenticate/", json={"edge-request": True})
    machine = (await exchange(world, place.app, grant_type="client_credentials")).json()["access_token"]
    stranger = await world.staff(UUID(int=7))
    for token in (
        place.tokens["id-token"],
        place.tokens["refresh-token"],
        edge.json()["data"]["internal-token"],
        machine,
        place.auth[1],
    ):
        assert (await place.swap(subject_token=token)).json()["error"] == "invalid_grant"
    assert (await place.swap(subject_token=access_token(user_id=stranger))).json()["error"] == "invalid_grant"


async def test_a_machine_that_may_not_act_for_users(world: World) -> None:
    place = await Place(world).made(acts=False)
    assert (await place.swap()).json()["error"] == "unauthorized_client"


async def test_an_application_narrows_a_persons_token(world: World, place: Place) -> None:
    scopes = ["openid", "cohort:read", "cohort:write", "person:read"]
    app = await registered(world, scopes=scopes, grant_types=["authorization_code", EXCHANGE])
    plain = await registered(world, scopes=scopes)
    browser = await person(world)
    code = await coded(world, app, browser, scope="openid cohort:read person:read")
    token = (await redeem(world, app, code)).json()["access_token"]
    form = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN}
    assert (await exchange(world, plain, **form)).json()["error"] == "unauthorized_client"
    answer = await exchange(world, app, **form, scope="cohort:read")
    assert answer.json()["scope"] == "cohort:read", answer.text
    principal = await world.runtime.verifier.verify(answer.json()["access_token"])
    assert (principal.impersonator, principal.scopes) == (None, frozenset({"cohort:read"}))
    wide = await exchange(world, app, **form, scope="cohort:write")
    assert wide.json()["error"] == "invalid_scope", "the person did not allow it"
    actor = (await exchange(world, place.app, grant_type="client_credentials")).json()["access_token"]
    answer = await exchange(world, app, **form, actor_token=actor, actor_token_type=ACCESS_TOKEN)
    acting = await world.runtime.verifier.verify(answer.json()["access_token"])
    assert str(acting.impersonator) == place.account
    assert isinstance(await who(world.bearer(answer.json()["access_token"])), dict)
    await world.client.as_(user_id=place.admin).delete(f"/v1/api-keys/{place.key['id']}/")
    assert await who(world.bearer(answer.json()["access_token"])) == 401, "it ends with the actor's key"


async def test_giving_a_swapped_token_back_leaves_the_person_signed_in(world: World, place: Place) -> None:
    swapped = (await place.swap()).json()["access_token"]
    form = {"token": swapped, "client_id": place.account, "client_secret": place.auth[1]}
    answer = await world.client.post("/oauth2/revoke", data=form)
    assert answer.json().get("error") == "unsupported_token_type", answer.text
    assert isinstance(await who(world.bearer(place.tokens["access-token"])), dict)
