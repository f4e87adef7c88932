import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.identity import ApiKeyRevoked
from contracts.orgs import OrganizationUpdated, OrganizationUserRemoved
from identity.upkeep import sweep
from identity_world import World, codes, new, pointers
from joserfc import jwt
from machines import by_key, made_key, who
from testkit.races import race

PATH = "/v1/api-keys/"


@pytest.fixture
async def place(world: World) -> tuple[UUID, UUID]:
    """An organization and a member of its staff."""
    organization = uuid4()
    return organization, await world.staff(organization)


def claims(world: World, token: str) -> dict[str, Any]:
    _, key = world.runtime.extras["identity"].keys.current
    return jwt.decode(token, key).claims


async def test_a_key_is_shown_once_and_stands_for_its_maker(world: World, place: tuple[UUID, UUID]) -> None:
    organization, member = place
    made = await made_key(world, member, organization, scopes=["person:read", "cohort:read"])
    key, attributes = made["attributes"]["key"], made["attributes"]
    assert key.startswith("mst_live_")
    assert attributes["start"] == key[:13]
    assert (attributes["state"], attributes["user-id"], attributes["service-account-id"]) == (
        "active",
        str(member),
        None,
    )
    found = await who(by_key(world, key))
    assert isinstance(found, dict)
    assert (found["user-id"], found["organization-id"]) == (str(member), str(organization))
    assert (found["roles"], found["session-id"], found["api-key-id"]) == (["org.member"], None, made["id"])
    assert found["scopes"] == ["cohort:read", "person:read"]
    told = claims(world, found["internal-token"])
    assert (told["aud"], told["sub"], told["key"]) == ("muster-internal", str(member), made["id"])
    assert told["exp"] - told["iat"] <= 60
    read = await world.client.as_(user_id=member).get(f"{PATH}{made['id']}/")
    assert "key" not in read.json()["data"]["attributes"]
    assert read.json()["data"]["attributes"]["last-used-at"]
    secrets = await world.rows("SELECT hash FROM api_key_secrets WHERE api_key_id = :id", id=UUID(made["id"]))
    assert [bytes(row.hash) for row in secrets] == [hashlib.sha256(key.encode()).digest()]


async def test_the_edge_gets_one_token_again_and_again(world: World, place: tuple[UUID, UUID]) -> None:
    key = (await made_key(world, place[1], place[0]))["attributes"]["key"]
    answers = [await by_key(world, key).get("/v1/authenticate/api/v5/artifacts/cohorts/search") for _ in range(2)]
    tokens = {answer.headers["x-muster-principal"] for answer in answers}
    assert ([answer.status_code for answer in answers], len(tokens)) == ([200, 200], 1)
    bearer = await world.client.with_token(key).get("/v1/authenticate/x")
    assert bearer.headers["x-muster-principal"] in tokens


async def test_a_key_is_closed_to_what_names_no_scope(world: World, place: tuple[UUID, UUID]) -> None:
    made = await made_key(world, place[1], place[0])
    machine = by_key(world, made["attributes"]["key"])
    for method, path in (("GET", "/v1/users/"), ("GET", PATH), ("POST", PATH), ("DELETE", f"{PATH}{made['id']}/")):
        answer = await machine.request(method, path, json=None if method == "GET" else {})
        assert (answer.status_code, codes(answer)) == (403, ["insufficient-scope"])


@pytest.mark.parametrize("key", ["", "mst_live_", "mst_live_" + "a" * 49, "x" * 5000, "mst_live_" + "\u00e9" * 49])
async def test_what_is_no_key(world: World, key: str) -> None:
    client = world.client
    answer = await client.post("/v1/authenticate/", json={}, headers={"x-api-key": key.encode("utf-8")})
    assert answer.status_code == 401
    assert (await client.get("/v1/users/", headers={"x-api-key": key.encode("utf-8")})).status_code == 401


async def test_a_rotated_key_overlaps_with_the_one_before(world: World, place: tuple[UUID, UUID]) -> None:
    organization, member = place
    made = await made_key(world, member, organization)
    me = world.client.as_(user_id=member)
    keys = [made["attributes"]["key"]]
    for overlap in (600, 600):
        answer = await me.post(f"{PATH}{made['id']}/rotate/", json={"overlap-seconds": overlap})
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        keys.append(answer.json()["data"]["attributes"]["key"])
    assert answer.json()["data"]["attributes"]["previous-until"]
    assert [isinstance(await who(by_key(world, key)), dict) for key in keys] == [False, True, True]
    answer = await me.post(f"{PATH}{made['id']}/rotate/", json={"overlap-seconds": 0})
    assert [await who(by_key(world, key)) for key in keys] == [401, 401, 401]
    assert isinstance(await who(by_key(world, answer.json()["data"]["attributes"]["key"])), dict)
    assert (await me.post(f"{PATH}{made['id']}/rotate/", json={"overlap-seconds": 604_801})).status_code == 400


async def test_a_revoked_key_ends_at_once(world: World, place: tuple[UUID, UUID]) -> None:
    organization, member = place
    made = await made_key(world, member, organization)
    machine, me = by_key(world, made["attributes"]["key"]), world.client.as_(user_id=member)
    found = await who(machine)
    assert isinstance(found, dict)
    for _ in range(2):
        assert (await me.delete(f"{PATH}{made['id']}/")).status_code == 204
    assert await who(machine) == 401
    assert await who(world.bearer(found["internal-token"])) == 401
    told = await world.events(ApiKeyRevoked)
    assert [str(event.api_key_id) for event in told] == [made["id"]]
    world.runtime.revocations.apply(told[0])
    assert (await world.bearer(found["internal-token"]).get("/v1/users/")).status_code == 401
    assert (await me.get(f"{PATH}{made['id']}/")).json()["data"]["attributes"]["state"] == "revoked"
    assert codes(await me.post(f"{PATH}{made['id']}/rotate/")) == ["key-over"]
    audited = await world.rows(
        "SELECT action FROM audit_events WHERE target = :target", target=f"api-keys:{made['id']}"
    )
    assert [row.action for row in audited] == ["api-key-created", "api-key-revoked"]


async def test_a_key_expires(world: World, place: tuple[UUID, UUID]) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)
    made = await made_key(world, place[1], place[0], expires_at=soon.isoformat())
    found = await who(by_key(world, made["attributes"]["key"]))
    assert isinstance(found, dict)
    assert claims(world, found["internal-token"])["exp"] <= soon.timestamp()
    await world.rows("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = :id", id=UUID(made["id"]))
    assert await who(by_key(world, made["attributes"]["key"])) == 401


async def test_a_key_ends_with_whom_it_acts_as(world: World, place: tuple[UUID, UUID]) -> None:
    organization, member = place
    machine = by_key(world, (await made_key(world, member, organization))["attributes"]["key"])
    root = world.client.as_operator()
    await root.post(f"/v1/users/{member}/disable/", json={})
    assert await who(machine) == 401
    await root.post(f"/v1/users/{member}/enable/", json={})
    assert isinstance(await who(machine), dict)
    await world.hear(OrganizationUserRemoved(organization_id=organization, user_id=member))
    assert await who(machine) == 401
    await world.belongs(member, organization, role="org.member")
    assert await who(machine) == 401, "who comes back makes a new key"


async def test_a_key_rests_with_its_organization(world: World, place: tuple[UUID, UUID]) -> None:
    organization, member = place
    machine = by_key(world, (await made_key(world, member, organization))["attributes"]["key"])
    names = {"organization_id": organization, "name": "x", "display_name": "X"}
    await world.hear(OrganizationUpdated(**names, is_active=False))
    assert await who(machine) == 401
    await world.hear(OrganizationUpdated(**names, is_active=True))
    assert isinstance(await who(machine), dict)


async def test_who_makes_and_sees_keys(world: World, place: tuple[UUID, UUID]) -> None:
    organization, member = place
    admin, outsider = await world.staff(organization, role="org.admin"), await world.staff(uuid4(), role="org.admin")
    made = await made_key(world, member, organization)
    own = await made_key(world, admin, organization)

    async def listed(caller: UUID) -> set[str]:
        answer = await world.client.as_(user_id=caller).get(f"{PATH}?filter[organization-id]={organization}")
        return {row["id"] for row in answer.json()["data"]}

    assert (await listed(member), await listed(outsider)) == ({made["id"]}, set())
    assert await listed(admin) == {made["id"], own["id"]}
    assert (await world.client.as_(user_id=outsider).get(f"{PATH}{made['id']}/")).status_code == 404
    assert (await world.client.as_(user_id=member).delete(f"{PATH}{own['id']}/")).status_code == 404
    for other in (world.client.as_(user_id=admin), world.client.as_operator()):
        answer = await other.post(f"{PATH}{made['id']}/rotate/")
        assert answer.status_code == 403, "its secret would let them act as the member"
    assert (await world.client.as_(user_id=admin).delete(f"{PATH}{made['id']}/")).status_code == 204
    body = new("api-keys", {"name": "x", "scopes": ["cohort:read"], "organization-id": str(organization)})
    assert (await world.client.as_(user_id=outsider).post(PATH, json=body)).status_code == 404
    acting = world.client.as_(user_id=member, act={"sub": str(admin)})
    assert codes(await acting.post(PATH, json=body)) == ["impersonated"]
    long_ago = world.client.as_(user_id=member, auth_time=0)
    answer = await long_ago.post(PATH, json=body)
    assert (answer.status_code, codes(answer)) == (401, ["insufficient-user-authentication"])
    assert "max_age=" in answer.headers["www-authenticate"]


async def test_what_is_wrong_is_named(world: World, place: tuple[UUID, UUID]) -> None:
    me = world.client.as_(user_id=place[1], organization_id=place[0])
    answer = await me.post(PATH, json=new("api-keys", {"name": "", "more": 1}))
    assert set(pointers(answer)) == {f"/data/attributes/{name}" for name in ("name", "scopes", "more")}
    answer = await me.post(PATH, json=new("api-keys", {"name": "x", "scopes": ["cohort:read", "cohort:eat", "*"]}))
    assert pointers(answer) == ["/data/attributes/scopes/1", "/data/attributes/scopes/2"]
    answer = await me.post(PATH, json=new("api-keys", {"name": "x", "scopes": []}))
    assert (answer.status_code, pointers(answer)) == (400, ["/data/attributes/scopes"])
    answer = await me.post(PATH, json=new("api-keys", {"name": "x", "scopes": ["cohort:read"] * 2}))
    assert pointers(answer) == ["/data/attributes/scopes"]
    late = {"name": "x", "scopes": ["cohort:read"], "expires-at": "2020-01-01T00:00:00Z"}
    assert pointers(await me.post(PATH, json=new("api-keys", late))) == ["/data/attributes/expires-at"]
    catalogue = await me.get(f"{PATH}scopes/")
    assert {"cohort:read", "person:write"} <= {row["id"] for row in catalogue.json()["data"]}


async def test_keys_that_have_long_been_over_are_forgotten(world: World, place: tuple[UUID, UUID]) -> None:
    ids = [UUID((await made_key(world, place[1], place[0]))["id"]) for _ in range(3)]
    for identifier, column in zip(ids, ("revoked_at", "expires_at"), strict=False):
        await world.rows(f"UPDATE api_keys SET {column} = now() - interval '91 days' WHERE id = :id", id=identifier)
    await sweep(world.runtime)
    left = await world.rows("SELECT id FROM api_keys WHERE id = ANY(:ids)", ids=ids)
    assert [row.id for row in left] == [ids[2]]


async def test_sixteen_rotate_at_once(live_world: World) -> None:
    organization = uuid4()
    member = await live_world.staff(organization)
    made = await made_key(live_world, member, organization)
    me = live_world.client.as_(user_id=member)

    async def rotate(_: int) -> str:
        answer = await me.post(f"{PATH}{made['id']}/rotate/", json={"overlap-seconds": 60})
        return answer.json()["data"]["attributes"]["key"]

    keys = await race(rotate)
    counting = [isinstance(await who(by_key(live_world, key)), dict) for key in keys]
    assert counting.count(True) == 2, "the newest and the one before it"


async def test_revoked_while_it_is_used(live_world: World) -> None:
    organization = uuid4()
    member = await live_world.staff(organization)
    made = await made_key(live_world, member, organization)
    machine, me = by_key(live_world, made["attributes"]["key"]), live_world.client.as_(user_id=member)
    ended: list[bool] = []

    async def use_and_revoke(_: int) -> None:
        await who(machine)
        assert (await me.delete(f"{PATH}{made['id']}/")).status_code == 204
        ended.append(await who(machine) == 401)

    await race(use_and_revoke, 8)
    assert ended == [True] * 8
    rows = await live_world.rows(
        "SELECT 1 FROM audit_events WHERE target = :t AND action = 'api-key-revoked'", t=f"api-keys:{made['id']}"
    )
    assert len(rows) == 1
