import base64
import io
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import msgspec
import pytest
from authenticators import PATH, begun, code, pair, with_authenticator
from contracts.identity import TotpDisabled, TotpEnabled
from identity.parts import parts_of
from identity_world import PASSWORD, World, codes, pointers
from testkit.races import race


async def test_a_new_one_has_a_secret_in_three_forms(world: World) -> None:
    me = world.bearer((await world.signed_in())["access-token"])
    _, made = await begun(me)
    assert (made["enabled"], made["enabled-at"], made["last-used"]) == (False, None, None)
    secret = made["secret"]
    assert len(base64.b32decode(secret["shared-secret-key"])) == 20
    uri = urlsplit(secret["provisioning-uri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query) == {"secret": [secret["shared-secret-key"]], "issuer": ["Muster"]}
    picture = secret["provisioning-qrcode"]
    png = base64.b64decode(picture["contents-base64"])
    assert (picture["mimetype"], png[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    size = io.BytesIO(png[16:24])
    assert [int.from_bytes(size.read(4), "big") for _ in range(2)] == [picture["width"], picture["height"]]


async def test_the_secret_is_sealed_and_only_its_owners(world: World) -> None:
    person = await world.signed_in()
    me = world.bearer(person["access-token"])
    totp_id, made = await begun(me)
    secret = made["secret"]["shared-secret-key"]
    kept = (await world.rows("SELECT secret FROM totp_configurations WHERE id = :id", id=totp_id))[0].secret
    assert secret.encode() not in kept
    mine = (await me.get(PATH)).json()["data"][0]["attributes"]
    assert mine["secret"]["shared-secret-key"] == secret
    theirs = await world.client.as_operator().get(PATH, params={"filter[user-id]": person["user-id"]})
    assert theirs.json()["data"][0]["attributes"]["secret"] is None
    await me.post(f"{PATH}{totp_id}/enable/", json={"codes": pair(secret), "password": PASSWORD})
    listed = (await me.get(PATH)).json()
    assert listed["data"][0]["attributes"]["secret"] is None
    assert listed["data"][0]["attributes"]["recovery-codes-left"] == 10
    assert "recovery-codes" not in listed["data"][0]["attributes"]
    assert secret not in str(listed)


async def test_enabling_answers_recovery_codes_once_and_tells_the_person(world: World) -> None:
    person = await with_authenticator(world)
    assert len(set(person.recovery_codes)) == 10
    assert {len(one) for one in person.recovery_codes} == {14}
    marks = await world.rows("SELECT mark FROM totp_recovery_codes WHERE configuration_id = :id", id=person.totp_id)
    assert len(marks) == 10
    assert not any(one.replace("-", "").encode() in row.mark for one in person.recovery_codes for row in marks)
    event = (await world.events(TotpEnabled))[-1]
    assert (str(event.totp_id), str(event.user_id)) == (person.totp_id, person.user_id)
    assert (await world.message("totp-enabled"))["variables"]["username"] == person.username
    audited = await world.rows("SELECT action, target FROM audit_events WHERE action LIKE 'totp-%' ORDER BY id")
    assert [row.action for row in audited] == ["totp-created", "totp-enabled"]


@pytest.mark.parametrize(
    ("shifts", "password", "pointer"),
    [
        ((0, 0), PASSWORD, "/codes"),
        ((0, -1), PASSWORD, "/codes"),
        ((-1, 1), PASSWORD, "/codes"),
        ((-6, -5), PASSWORD, "/codes"),
        ((5, 6), PASSWORD, "/codes"),
        ((-1, 0), "not-the-Password-1", "/password"),
        ((-1, 0), "", "/password"),
    ],
)
async def test_what_does_not_enable(world: World, shifts: tuple[int, int], password: str, pointer: str) -> None:
    me = world.bearer((await world.signed_in())["access-token"])
    totp_id, made = await begun(me)
    given = [code(made["secret"]["shared-secret-key"], shift) for shift in shifts]
    answer = await me.post(f"{PATH}{totp_id}/enable/", json={"codes": given, "password": password})
    assert (answer.status_code, pointers(answer)) == (400, [pointer])
    assert (await me.get(PATH)).json()["data"][0]["attributes"]["enabled"] is False


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"codes": ["1"], "password": "x"}, "/codes"),
        ({"codes": ["1", "2", "3"], "password": "x"}, "/codes"),
        ({"codes": ["1", 2], "password": "x"}, "/codes/1"),
        ({"codes": ["1" * 256, "2"], "password": "x"}, "/codes/0"),
        ({"codes": ["1", "2"]}, "/password"),
        ({"codes": ["1", "2"], "password": "x" * 256}, "/password"),
        ({"codes": ["1", "2"], "password": "x", "more": 1}, "/more"),
    ],
)
async def test_malformed_bodies_are_named(world: World, body: object, pointer: str) -> None:
    me = world.client.as_(user_id=uuid4())
    answer = await me.post(f"{PATH}{uuid4()}/enable/", json=body)
    assert (answer.status_code, pointers(answer)) == (400, [pointer])


async def test_signs_that_are_no_digits(world: World) -> None:
    me = world.bearer((await world.signed_in())["access-token"])
    totp_id, _ = await begun(me)
    for odd in ("\u0661\u0662\u0663\u0664\u0665\u0666", "\x00" * 6, "🙂" * 6, "", " - "):
        answer = await me.post(f"{PATH}{totp_id}/enable/", json={"codes": [odd, odd], "password": PASSWORD})
        assert (answer.status_code, codes(answer)) == (400, ["invalid-totp-code"])


async def test_one_at_a_time_and_five_at_most(world: World) -> None:
    person = await with_authenticator(world)
    others = [await begun(person.me) for _ in range(4)]
    assert (await person.me.post(PATH, json={})).status_code == 409
    totp_id, made = others[0]
    body = {"codes": pair(made["secret"]["shared-secret-key"]), "password": PASSWORD}
    answer = await person.me.post(f"{PATH}{totp_id}/enable/", json=body)
    assert (answer.status_code, codes(answer)) == (409, ["enabled"])
    again = {"codes": pair(person.secret), "password": PASSWORD}
    assert (await person.me.post(f"{PATH}{person.totp_id}/enable/", json=again)).status_code == 409


async def test_sixteen_enable_once(live_world: World) -> None:
    username, _ = await live_world.confirmed()
    me = live_world.bearer((await live_world.sign_in(username)).json()["access-token"])
    totp_id, made = await begun(me)
    body = {"codes": pair(made["secret"]["shared-secret-key"]), "password": PASSWORD}
    answers = await race(lambda _: me.post(f"{PATH}{totp_id}/enable/", json=body))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 15]


async def test_off_on_and_deleted(world: World) -> None:
    person = await with_authenticator(world)
    path = f"{PATH}{person.totp_id}/"
    assert codes(await person.me.delete(path)) == ["enabled"]
    assert codes(await person.me.post(f"{path}disable/", json={"password": "wrong"})) == ["wrong-password"]
    for _ in range(2):
        off = await person.me.post(f"{path}disable/", json={"password": PASSWORD})
        shown = off.json()["data"]["attributes"]
        assert (off.status_code, shown["enabled"], shown["recovery-codes-left"]) == (201, False, 0)
        assert shown["secret"] is None
    assert len(await world.events(TotpDisabled)) == 1
    assert (await world.message("totp-disabled"))["variables"]["username"] == person.username
    used = {"codes": pair(person.secret), "password": PASSWORD}
    assert codes(await person.me.post(f"{path}enable/", json=used)) == ["invalid-totp-code"]
    later = {"codes": [code(person.secret), code(person.secret, 1)], "password": PASSWORD}
    assert (await person.me.post(f"{path}enable/", json=later)).status_code == 201
    await person.me.post(f"{path}disable/", json={"password": PASSWORD})
    assert (await person.me.delete(path)).status_code == 204
    assert (await person.me.delete(path)).status_code == 404
    assert (await person.me.get(PATH)).json()["data"] == []


async def test_a_lost_one_is_taken_away_by_an_administrator(world: World) -> None:
    organization = uuid4()
    person = await with_authenticator(world)
    await world.rows("DELETE FROM user_organizations WHERE user_id = :id", id=person.user_id)
    await world.belongs(UUID(person.user_id), organization, account_type="patient")
    admin = await world.staff(organization, role="org.admin")
    path = f"{PATH}{person.totp_id}/"
    theirs = world.client.as_(user_id=admin)
    assert codes(await theirs.post(f"{path}disable/", json={"password": "not-mine-at-All-1"})) == ["wrong-password"]
    assert (await theirs.delete(path)).status_code == 403
    await world.rows(
        "INSERT INTO user_roles (id, user_id, name) VALUES (uuidv7(), :id, 'system.support')", id=person.user_id
    )
    assert (await theirs.post(f"{path}disable/", json={"password": PASSWORD})).status_code == 404
    await world.rows("DELETE FROM user_roles WHERE user_id = :id", id=person.user_id)
    assert (await theirs.post(f"{path}disable/", json={"password": PASSWORD})).status_code == 201
    audited = (await world.rows("SELECT actor, user_id FROM audit_events WHERE action = 'totp-disabled'"))[0]
    assert (audited.actor, str(audited.user_id)) == (str(admin), person.user_id)
    assert (await world.sign_in(person.username)).status_code == 201


async def test_the_budget_of_passwords_and_codes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    me = world.bearer((await world.signed_in())["access-token"])
    totp_id, _ = await begun(me)
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", msgspec.structs.replace(parts.settings, throttle_scale=0.6))
    body = {"codes": ["000000", "000000"], "password": PASSWORD}
    answers = [await me.post(f"{PATH}{totp_id}/enable/", json=body) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert int(answers[-1].headers["retry-after"]) > 1
