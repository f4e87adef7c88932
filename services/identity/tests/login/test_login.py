import unicodedata
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from argon2 import PasswordHasher
from contracts.identity import SessionStarted
from identity.parts import parts_of
from identity_world import PASSWORD, World, change, codes, email, pointers
from joserfc import jwt
from joserfc.jwk import KeySet


async def test_the_tokens_say_what_they_should(world: World) -> None:
    answer = await world.signed_in()
    keys = (await world.client.get("/.well-known/jwks.json")).json()
    access = jwt.decode(answer["access-token"], KeySet.import_key_set(keys), algorithms=["ES256"])
    assert access.header["typ"] == "at+jwt"
    claims = access.claims
    assert (claims["iss"], claims["aud"], claims["client_id"]) == ("http://muster.test", "muster", "muster")
    assert (claims["sub"], claims["sid"]) == (answer["user-id"], answer["session-id"])
    assert claims["org"] == str(world.orgs.organization_id)
    assert claims["exp"] - claims["iat"] == pytest.approx(3600)
    assert claims["iat"] != int(claims["iat"])
    identity = jwt.decode(answer["id-token"], KeySet.import_key_set(keys), algorithms=["ES256"])
    assert (identity.header["typ"], identity.claims["aud"]) == ("JWT", "muster")
    assert identity.claims["email"] == answer["email"]


async def test_an_id_token_is_no_access_token(world: World) -> None:
    answer = await world.signed_in()
    assert (await world.bearer(answer["id-token"]).get("/v1/sessions/")).status_code == 401
    assert (await world.bearer(answer["refresh-token"]).get("/v1/sessions/")).status_code == 401


async def test_lifetimes(world: World) -> None:
    username, _ = await world.confirmed()
    short = await world.sign_in(
        username,
        access_token_expiration_seconds=60,
        refresh_token_expiration_seconds=600,
        sticky_access_token_expiration=True,
    )
    assert (short.json()["expires-in"], short.json()["refresh-expires-in"]) == (60, pytest.approx(600, abs=5))
    refreshed = (await world.refresh(short.json()["refresh-token"])).json()
    assert refreshed["expires-in"] == 60
    assert refreshed["refresh-expires-in"] <= short.json()["refresh-expires-in"]
    loose = await world.sign_in(username, access_token_expiration_seconds=60, refresh_token_expiration_seconds=10**9)
    assert loose.json()["refresh-expires-in"] <= 30 * 24 * 3600
    assert (await world.refresh(loose.json()["refresh-token"])).json()["expires-in"] == 3600
    tiny = await world.sign_in(username, refresh_token_expiration_seconds=30)
    assert tiny.json()["expires-in"] <= 30


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"access_token_expiration_seconds": 0}, "/access-token-expiration-seconds"),
        ({"access_token_expiration_seconds": 3601}, "/access-token-expiration-seconds"),
        ({"access_token_expiration_seconds": "60"}, "/access-token-expiration-seconds"),
        ({"refresh_token_expiration_seconds": 0}, "/refresh-token-expiration-seconds"),
        ({"locale": "klingon"}, "/locale"),
        ({"simulated_queue_delay": 1}, "/simulated-queue-delay"),
        ({"service_document_agreements": ["no"]}, "/service-document-agreements/0"),
        ({"unknown": True}, "/unknown"),
    ],
)
async def test_what_is_wrong_is_named(world: World, fields: dict[str, Any], pointer: str) -> None:
    answer = await world.sign_in(email(), **fields)
    assert (answer.status_code, pointers(answer)) == (400, [pointer])


async def test_developers_may_delay(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", msgspec.structs.replace(parts.settings, developer_features=True))
    username, _ = await world.confirmed()
    assert (await world.sign_in(username, simulated_queue_delay=1)).status_code == 201


async def test_locale_is_kept(world: World) -> None:
    username, _ = await world.confirmed()
    assert (await world.sign_in(username, locale="es_US")).json()["locale"] == "es_US"
    again = (await world.sign_in(username)).json()
    assert (again["locale"], again["locale-explicit"]) == ("es_US", True)


async def test_by_a_verified_address_too(world: World) -> None:
    address = email()
    await world.account(email=address, username="grace")
    assert (await world.sign_in("GRACE")).status_code == 201
    assert (await world.sign_in(address)).json()["username"] == "grace"


async def test_an_accent_typed_on_another_keyboard(world: World) -> None:
    password = "Ménage-à-trois-Été-9"
    username, _ = await world.confirmed(password=password)
    assert (await world.sign_in(username, unicodedata.normalize("NFD", password))).status_code == 201


async def test_weaker_hashes_are_replaced(world: World) -> None:
    username, user_id = await world.confirmed()
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await world.rows("UPDATE users SET password_hash = :weak WHERE id = :id", weak=weak, id=user_id)
    assert (await world.sign_in(username)).status_code == 201
    kept = (await world.rows("SELECT password_hash FROM users WHERE id = :id", id=user_id))[0].password_hash
    assert "m=19456,t=2,p=1" in kept
    assert (await world.sign_in(username)).status_code == 201


async def test_a_hash_that_would_cost_too_much_is_not_computed(world: World) -> None:
    username, user_id = await world.confirmed()
    heavy = "$argon2id$v=19$m=4194304,t=100,p=8$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaA"
    await world.rows("UPDATE users SET password_hash = :heavy WHERE id = :id", heavy=heavy, id=user_id)
    assert (await world.sign_in(username)).status_code == 401


async def test_a_password_that_must_be_set_anew(world: World) -> None:
    username, user_id = await world.confirmed()
    await world.rows("UPDATE users SET state = 'force_reset_password' WHERE id = :id", id=user_id)
    answer = await world.sign_in(username)
    assert (answer.status_code, codes(answer)) == (401, ["password-reset-required"])


async def test_the_budget_of_an_account_and_the_known_device(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    username, _ = await world.confirmed()
    device = (await world.sign_in(username)).headers["set-cookie"].split(";")[0]
    world.client.cookies.clear()
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", msgspec.structs.replace(parts.settings, throttle_scale=0.3))
    wrong = "not-the-Password-1"
    for name in (username, email()):
        assert [(await world.sign_in(name, wrong)).status_code for _ in range(4)] == [401, 401, 401, 429]
    refused = await world.sign_in(username)
    assert (refused.status_code, codes(refused)) == (429, ["too-many-requests"])
    assert int(refused.headers["retry-after"]) >= 1
    known = await world.sign_in(username, headers={"cookie": device})
    assert known.status_code == 201
    forged = await world.sign_in(username, headers={"cookie": "mst_device=" + "A" * 43})
    assert forged.status_code == 429


async def test_good_sign_ins_use_nothing_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    username, _ = await world.confirmed()
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", msgspec.structs.replace(parts.settings, throttle_scale=0.2))
    assert {(await world.sign_in(username)).status_code for _ in range(5)} == {201}


async def test_a_pool_that_is_busy_for_too_long(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    username, _ = await world.confirmed()
    hasher = parts_of(world.runtime).hasher
    monkeypatch.setattr(hasher, "deadline", 0.0)
    free = hasher._free._value
    for _ in range(free):
        await hasher._free.acquire()
    answer = await world.sign_in(username)
    for _ in range(free):
        hasher._free.release()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_roles_and_organizations_in_the_token(world: World) -> None:
    organization = UUID(int=7)
    user_id = await world.staff(organization, role="org.admin")
    username = (await world.rows("SELECT username FROM users WHERE id = :id", id=user_id))[0].username
    answer = (await world.sign_in(username)).json()
    principal = await world.runtime.verifier.verify(answer["access-token"])
    assert (principal.organization_id, principal.roles) == (organization, {"org.admin"})
    started = (await world.events(SessionStarted))[-1]
    assert str(started.session_id) == answer["session-id"]
    when = datetime.now(UTC) - principal.issued_at
    assert abs(when.total_seconds()) < 60


async def test_a_changed_username_signs_in(world: World) -> None:
    user_id = await world.account(username="old-name")
    client = world.client.as_operator()
    answer = await client.patch(f"/v1/users/{user_id}/", json=change(user_id, username="email"))
    assert answer.status_code == 200, answer.text
    assert (await world.sign_in("old-name")).status_code == 401
    assert (await world.sign_in(answer.json()["data"]["attributes"]["email"])).status_code == 201
