from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.impersonation import IdentityCalled
from identity_world import World, codes, pointers
from joserfc import jwt
from machines import by_key, made_account, made_key, who
from testkit.client import Client

PATH = "/v1/synthetic-user-tokens/"
SCOPES = ["cohort:read", "user_token:write"]


class Place:
    """An organization with an administrator, a participant, and a machine that may act for users."""

    def __init__(self, world: World) -> None:
        self.world, self.organization = world, uuid4()

    async def made(self) -> "Place":
        world = self.world
        self.admin = await world.staff(self.organization, role="org.admin")
        _, self.user = await world.confirmed()
        await world.belongs(self.user, self.organization, account_type="patient")
        account = await made_account(world, self.admin, self.organization, acts_for_users=True)
        self.account = UUID(account["id"])
        fields = {"service_account_id": account["id"], "scopes": SCOPES}
        self.key = await made_key(world, self.admin, self.organization, **fields)
        return self

    @property
    def machine(self) -> Client:
        return by_key(self.world, self.key["attributes"]["key"])

    async def ask(self, user: UUID | None = None, **fields: Any) -> Any:
        wanted = {"user-id": str(user or self.user)} | {name.replace("_", "-"): value for name, value in fields.items()}
        return await self.machine.post(PATH, json={"data": wanted})


@pytest.fixture
async def place(world: World) -> Place:
    return await Place(world).made()


async def test_a_machine_acts_for_a_user(world: World, place: Place) -> None:
    claims = [{"claim": "patient-id", "value": "p-1"}, {"claim": "https://example.org/visit", "value": "7"}]
    answer = await place.ask(expiration_secs=600, additional_claims=claims)
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    assert (data["expiration-secs"], answer.headers["cache-control"]) == (600, "no-store")
    principal = await world.runtime.verifier.verify(data["access-token"])
    assert (principal.user_id, principal.impersonator) == (place.user, place.account)
    assert (principal.organization_id, principal.scopes) == (place.organization, frozenset({"cohort:read"}))
    _, key = world.runtime.extras["identity"].keys.current
    told = jwt.decode(data["access-token"], key).claims
    assert (told["patient-id"], told["https://example.org/visit"], told["act"]) == (
        "p-1",
        "7",
        {"sub": str(place.account)},
    )
    bearer = world.bearer(data["access-token"])
    found = await who(bearer)
    assert isinstance(found, dict)
    assert (found["user-id"], found["session-id"], found["scopes"]) == (
        str(place.user),
        data["session-id"],
        ["cohort:read"],
    )
    assert codes(await bearer.get("/v1/users/")) == ["insufficient-scope"]
    calls = await world.events(IdentityCalled)
    assert (calls[-1].user_id, calls[-1].impersonator_id) == (place.user, place.account)
    trail = await world.rows("SELECT actor, user_id, details FROM audit_events WHERE action = 'user-token-issued'")
    assert (trail[0].actor, trail[0].user_id) == (str(place.account), place.user)
    assert trail[0].details["api-key"] == place.key["id"]


@pytest.mark.parametrize("claim", ["sub", "ROLES", "act", "scope", "email", "aud", "key", "endpoint", "sid"])
async def test_reserved_claims_are_refused(place: Place, claim: str) -> None:
    answer = await place.ask(additional_claims=[{"claim": "ok", "value": "x"}, {"claim": claim, "value": "x"}])
    assert (answer.status_code, codes(answer)) == (400, ["reserved-claim"])
    assert pointers(answer) == ["/data/additional-claims/1/claim"]


async def test_what_cannot_be_asked_for(place: Place) -> None:
    assert (await place.ask(expiration_secs=3601)).status_code == 400
    assert (await place.ask(expiration_secs=0)).status_code == 400
    assert (await place.ask(additional_claims=[{"claim": "9", "value": "x"}])).status_code == 400
    assert (await place.ask(additional_claims=[{"claim": "a", "value": "x"}] * 2)).status_code == 400
    assert (await place.ask(additional_claims=[{"claim": f"a{n}", "value": "x"} for n in range(21)])).status_code == 400
    assert (await place.ask(organization_id=str(uuid4()))).status_code == 404


async def test_for_whom_it_may_not_act(world: World, place: Place) -> None:
    stranger = await world.staff(uuid4())
    assert (await place.ask(uuid4())).status_code == 404
    assert (await place.ask(stranger)).status_code == 404, "another organization's"
    assert codes(await place.ask(place.admin)) == ["may-not-act"], "more than it may itself"
    await world.belongs(place.account, place.organization, role="org.admin")
    assert (await place.ask(place.admin)).status_code == 201
    assert codes(await place.ask(place.account)) == ["may-not-act"]
    await world.client.as_operator().post(f"/v1/users/{place.user}/disable/", json={})
    assert codes(await place.ask()) == ["not-possible"]


async def test_who_may_not(world: World, place: Place) -> None:
    body = {"data": {"user-id": str(place.user)}}
    assert codes(
        await world.client.as_(user_id=place.admin, organization_id=place.organization).post(PATH, json=body)
    ) == ["may-not-act"]
    narrow = await made_key(world, place.admin, place.organization, service_account_id=str(place.account))
    assert codes(await by_key(world, narrow["attributes"]["key"]).post(PATH, json=body)) == ["insufficient-scope"]
    other = await made_account(world, place.admin, place.organization, name="Other")
    fields = {"service_account_id": other["id"], "scopes": SCOPES}
    key = await made_key(world, place.admin, place.organization, **fields)
    assert codes(await by_key(world, key["attributes"]["key"]).post(PATH, json=body)) == ["may-not-act"]
    issued = (await place.ask()).json()["data"]["access-token"]
    assert (await world.bearer(issued).post(PATH, json=body)).status_code == 403, "no chains"
    for path in ("/v1/api-keys/", f"/v1/users/{place.user}/change-password/"):
        assert (await world.bearer(issued).post(path, json={})).status_code == 403


async def test_it_ends_with_session_key_and_account(world: World, place: Place) -> None:
    me = world.client.as_(user_id=place.user)
    first, second, third = [(await place.ask()).json()["data"] for _ in range(3)]
    listed = (await me.get("/v1/sessions/")).json()["data"]
    acting = {row["id"] for row in listed if row["attributes"]["service-account-id"] == str(place.account)}
    assert {first["session-id"], second["session-id"]} <= acting
    assert (await me.delete(f"/v1/sessions/{first['session-id']}/")).status_code == 204
    assert [await who(world.bearer(one["access-token"])) == 401 for one in (first, second)] == [True, False]
    change = {"data": {"type": "service-accounts", "id": str(place.account), "attributes": {"acts-for-users": False}}}
    admin = world.client.as_(user_id=place.admin)
    assert (await admin.patch(f"/v1/service-accounts/{place.account}/", json=change)).status_code == 200
    assert await who(world.bearer(second["access-token"])) == 401
    assert codes(await place.ask()) == ["may-not-act"]
    change["data"]["attributes"]["acts-for-users"] = True
    await admin.patch(f"/v1/service-accounts/{place.account}/", json=change)
    fourth = (await place.ask()).json()["data"]
    assert (await admin.delete(f"/v1/api-keys/{place.key['id']}/")).status_code == 204
    assert await who(world.bearer(fourth["access-token"])) == 401
    assert await who(world.bearer(third["access-token"])) == 401
