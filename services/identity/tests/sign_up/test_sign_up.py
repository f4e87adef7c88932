import json
from typing import Any

import pytest
from contracts.identity import MessageRequested, UserConfirmed, UserCreated
from identity_world import PASSWORD, World, codes, email, pointers
from testkit.client import Client

GOOD = {"organization_code": "CARE", "first_name": "Ada", "last_name": "Lovelace", "password": PASSWORD}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"username": "\u200b\u200d"}, "/username"),
        ({"username": "x" * 256}, "/username"),
        ({"first_name": " \u200b "}, "/first-name"),
        ({"email": "not an address"}, "/email"),
        ({"username": "plain"}, "/email"),
        ({"email": "somebody-else@example.org"}, "/email"),
        ({"contact_phone_mobile": "12"}, "/contact-phone-mobile"),
        ({"source": "sms"}, "/contact-phone-mobile"),
        ({"source": "pigeon"}, "/source"),
        ({"set_username": "phone"}, "/set-username"),
        ({"tz": "Mars/Olympus"}, "/tz"),
        ({"locale": "xx_XX"}, "/locale"),
        ({"birth_date": "2019-02-30"}, "/birth-date"),
        ({"gender": "none"}, "/gender"),
        ({"organization_code": "NOSUCH"}, "/organization-code"),
        ({"organization_code": "OLD"}, "/organization-code"),
        ({"organization_code": "CLOSED"}, "/organization-code"),
        ({"organization_code": " "}, "/organization-code"),
        ({"organization_code": "../users"}, "/organization-code"),
        ({"organization_code": "SCHEMA"}, "/enrollment-data"),
        ({"organization_code": "SCHEMA", "enrollment_data": {"plan": "PLAN"}}, "/enrollment-data/plan"),
        ({"organization_code": "SCHEMA", "enrollment_data": {"plan": "a", "age": 7}}, "/enrollment-data/age"),
        ({"enrollment_data": {"long": "x" * 40_000}}, "/enrollment-data"),
        ({"enrollment_data": {"deep": [{"x\x00": 1}]}}, "/enrollment-data"),
        ({"enrollment_data": {"deep": json.loads("[" * 200 + "]" * 200)}}, "/enrollment-data"),
        ({"username": "a\x00b"}, "/username"),
        ({"first_name": "A\x00da"}, "/first-name"),
        ({"last_name": "\x07"}, "/last-name"),
        ({"preferred_name": "\x00"}, "/preferred-name"),
        ({"organization_code": "CARE\x00"}, "/organization-code"),
        ({"contact_phone_mobile": "+1 555 0100"}, "/contact-phone-mobile"),
        ({"contact_phone_mobile": "+999 123 456 789"}, "/contact-phone-mobile"),
        ({"tz": ""}, "/tz"),
        ({"tz": "../etc/passwd"}, "/tz"),
        ({"tz": "europe/vienna"}, "/tz"),
        ({"birth_date": "2019-08-24T25:00:00Z"}, "/birth-date"),
        ({"birth_date": "0000-00-00"}, "/birth-date"),
        ({"password": ""}, "/password"),
        ({"password": "x" * 4096}, "/password"),
        ({"password": "short"}, "/password"),
        ({"password": "password1"}, "/password"),
        ({"password": "\x00" * 12}, "/password"),
        ({"password": "🙂" * 20}, "/password"),
        ({"password": "é" * 2048}, "/password"),
        ({"unknown": 1}, "/unknown"),
        ({"auto_confirm": "yes"}, "/auto-confirm"),
        ({"service_document_agreements": ["x"]}, "/service-document-agreements/0"),
    ],
)
async def test_what_is_wrong_is_named(world: World, fields: dict[str, Any], pointer: str) -> None:
    sent = {"username": email()} | GOOD | fields
    answer = await world.sign_up(sent.pop("username"), **sent)
    assert answer.status_code == 400, answer.text
    assert pointer in pointers(answer)
    assert await world.events() == []


@pytest.mark.parametrize("missing", ["username", "password", "first-name", "last-name", "organization-code"])
async def test_what_is_missing_is_named(world: World, missing: str) -> None:
    body = {"username": email(), **{name.replace("_", "-"): value for name, value in GOOD.items()}}
    del body[missing]
    answer = await world.post("/v1/sign-up/", body)
    assert (answer.status_code, pointers(answer)) == (400, [f"/{missing}"])


async def test_a_body_that_is_not_json(client: Client) -> None:
    answer = await client.post("/v1/sign-up", content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, codes(answer)) == (400, ["malformed-json"])


async def test_a_body_that_is_nested_without_end(client: Client) -> None:
    nested = b'{"enrollment-data": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001
    answer = await client.post("/v1/sign-up", content=nested, headers={"content-type": "application/json"})
    assert answer.status_code == 400


async def test_orgs_out_of_reach(world: World) -> None:
    answer = await world.sign_up(email(), organization_code="AWAY")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


async def test_orgs_is_asked_in_identitys_own_name(world: World) -> None:
    await world.sign_up(email())
    principal = await world.runtime.verifier.verify(world.orgs.tokens[-1].removeprefix("Bearer "))
    assert principal.service == "identity"


async def test_enrollment_data_that_fit_are_kept(world: World) -> None:
    data = {"plan": "gold", "age": 18}
    _, user_id = await world.confirmed(organization_code="SCHEMA", enrollment_data=data)
    shown = await world.client.as_(user_id=user_id).get(f"/v1/users/{user_id}/", params={"with-signups": True})
    attributes = shown.json()["data"]["attributes"]
    assert attributes["enrollment-data"] == data
    assert [known["organization-code-id"] for known in attributes["org-code-signup-requests"]] == ["SCHEMA"]


async def test_a_taken_username_answers_alike_and_its_owner_is_told(world: World) -> None:
    username, _ = await world.confirmed()
    free = await world.sign_up(email())
    taken = await world.sign_up(username.upper(), first_name="Mallory")
    assert (taken.status_code, taken.json()) == (free.status_code, free.json())
    told = await world.message()
    assert (told["type"], told["recipient"]) == ("sign-up-existing", username)
    assert "code" not in told["variables"]
    assert "Mallory" not in str(told)


@pytest.mark.parametrize(("code", "confirmed"), [("OPEN", True), ("CARE", False)])
async def test_a_sign_up_confirms_itself_only_where_the_code_allows_it(
    world: World, code: str, confirmed: bool
) -> None:
    username = email()
    assert (await world.sign_up(username, organization_code=code, auto_confirm=True)).status_code == 201
    assert (await world.sign_in(username)).status_code == (201 if confirmed else 401)
    assert len(await world.events(UserConfirmed)) == (1 if confirmed else 0)
    assert len(await world.events(MessageRequested)) == (0 if confirmed else 1)
    shown = await world.client.as_operator().get(f"/v1/users/{await world.user_id(username)}/")
    assert shown.json()["data"]["attributes"]["email-verified"] is False


async def test_an_allowed_code_confirms_only_who_asks_for_it(world: World) -> None:
    username = email()
    await world.sign_up(username, organization_code="OPEN")
    assert await world.events(UserConfirmed) == []


async def test_a_disabled_owner_is_left_alone(world: World) -> None:
    username, user_id = await world.confirmed()
    await world.client.as_operator().post(f"/v1/users/{user_id}/disable/", json={})
    before = len(await world.events(MessageRequested))
    assert (await world.sign_up(username)).status_code == 201
    assert len(await world.events(MessageRequested)) == before


async def test_only_the_sign_up_whose_code_comes_back_counts(world: World) -> None:
    username, first = await world.registered(password="the-First-secret-1")
    await world.sign_up(username, password="the-Second-secret-2", first_name="Mallory")
    assert len(await world.events(UserCreated)) == 1
    assert (await world.confirm(username, first)).status_code == 201
    assert (await world.sign_in(username, "the-Second-secret-2")).status_code == 401
    signed_in = await world.sign_in(username, "the-First-secret-1")
    assert signed_in.json()["first-name"] == "Ada"
    assert (await world.confirm(username, await code_of(world, "Mallory"))).status_code == 400


async def code_of(world: World, name: str) -> str:
    service = world.client.as_service("notifications")
    for event in await world.events(MessageRequested):
        variables = (await service.get(f"/v1/message-contents/{event.message_id}/")).json()["data"]["attributes"]
        if variables["variables"]["first_name"] == name:
            return variables["variables"]["code"]
    raise AssertionError(name)


async def test_by_sms_with_the_phone_as_username(world: World) -> None:
    answer = await world.sign_up(
        "whatever", contact_phone_mobile="(415) 555-2671", source="sms", set_username="phone", tz="Europe/Vienna"
    )
    assert answer.status_code == 201, answer.text
    sent = await world.message()
    assert (sent["channel"], sent["recipient"]) == ("sms", "+14155552671")
    confirmed = await world.confirm("+1 (415) 555-2671", sent["variables"]["code"], login=True)
    assert (await world.refresh(confirmed.json()["refresh-token"])).status_code == 201
    signed_in = (await world.sign_in("415.555.2671")).json()
    assert (signed_in["email"], signed_in["tz"], signed_in["tz-explicit"]) == (None, "Europe/Vienna", True)


@pytest.mark.parametrize(
    "name", ["عبد الله", "שרה", "François\u200dé", "李雷", "ᚱᚢᚾᛖ", "O'Neil; DROP TABLE", "  Ada  "]
)
async def test_names_are_kept_as_typed(world: World, name: str) -> None:
    _, user_id = await world.confirmed(first_name=name)
    shown = await world.client.as_(user_id=user_id).get(f"/v1/users/{user_id}/")
    assert shown.json()["data"]["attributes"]["first-name"] == name


async def test_usernames_are_compared_as_they_look(world: World) -> None:
    typed = "Stra\u00dfe\u200b." + email()
    username, _ = await world.confirmed(typed)
    assert (await world.sign_in(username.upper().replace("\u200b", ""))).status_code == 201


async def test_nobody_takes_the_username_of_an_address_that_is_anothers(world: World) -> None:
    username, _ = await world.confirmed()
    await world.sign_up("mine", email=username)
    assert (await world.message())["type"] == "sign-up-existing"


async def test_an_idempotency_key_signs_up_once(world: World) -> None:
    body = {"username": email(), **{name.replace("_", "-"): value for name, value in GOOD.items()}}
    for _ in range(2):
        answer = await world.post("/v1/sign-up/", body, headers={"idempotency-key": "k-1"})
        assert answer.status_code == 201
    assert len(await world.rows("SELECT id FROM sign_up_requests")) == 1
