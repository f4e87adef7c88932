import msgspec
import pytest
from authenticators import PATH, code, with_authenticator
from identity.parts import parts_of
from identity_world import NEW_PASSWORD, PASSWORD, World, codes
from testkit.races import race


async def test_a_code_is_required_and_works_once(world: World) -> None:
    person = await with_authenticator(world)
    missing = await world.sign_in(person.username)
    assert (missing.status_code, codes(missing)) == (401, ["totp-required"])
    assert "www-authenticate" in missing.headers
    following = code(person.secret, 1)
    assert (await world.sign_in(person.username, totp_code=following)).status_code == 201
    again = await world.sign_in(person.username, totp_code=following)
    assert (again.status_code, codes(again)) == (401, ["invalid-totp-code"])
    earlier = await world.sign_in(person.username, totp_code=code(person.secret))
    assert codes(earlier) == ["invalid-totp-code"]
    shown = (await person.me.get(PATH)).json()["data"][0]["attributes"]
    assert shown["last-used"] is not None


async def test_the_password_comes_first(world: World) -> None:
    person = await with_authenticator(world)
    for given in (None, code(person.secret, 1)):
        answer = await world.sign_in(person.username, "not-the-Password-1", totp_code=given)
        assert codes(answer) == ["invalid-credentials"]
    await world.rows("UPDATE users SET state = 'disabled' WHERE id = :id", id=person.user_id)
    assert codes(await world.sign_in(person.username)) == ["invalid-credentials"]


@pytest.mark.parametrize(("shift", "status"), [(-3, 401), (-2, 401), (-1, 201), (0, 201), (1, 201), (3, 401)])
async def test_one_step_to_either_side(world: World, shift: int, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await with_authenticator(world)
    await world.rows("UPDATE totp_configurations SET last_step = NULL WHERE id = :id", id=person.totp_id)
    monkeypatch.setattr("time.time", lambda: 2_000_000_010.0)
    answer = await world.sign_in(person.username, totp_code=code(person.secret, shift))
    assert answer.status_code == status


async def test_sixteen_with_one_code(live_world: World) -> None:
    person = await with_authenticator(live_world)
    given = code(person.secret, 1)
    answers = await race(lambda _: live_world.sign_in(person.username, totp_code=given))
    assert sorted(answer.status_code for answer in answers) == [201, *[401] * 15]


async def test_a_recovery_code_stands_in_once_however_it_is_typed(world: World) -> None:
    person = await with_authenticator(world)
    typed = person.recovery_codes[3].lower().replace("-", " ")
    assert (await world.sign_in(person.username, totp_code=typed)).status_code == 201
    assert codes(await world.sign_in(person.username, totp_code=typed)) == ["invalid-totp-code"]
    assert (await world.message("recovery-code-used"))["variables"]["username"] == person.username
    shown = (await person.me.get(PATH)).json()["data"][0]["attributes"]
    assert shown["recovery-codes-left"] == 9
    other = await with_authenticator(world)
    assert codes(await world.sign_in(other.username, totp_code=person.recovery_codes[0])) == ["invalid-totp-code"]


async def test_sixteen_with_one_recovery_code(live_world: World) -> None:
    person = await with_authenticator(live_world)
    given = person.recovery_codes[0]
    answers = await race(lambda _: live_world.sign_in(person.username, totp_code=given))
    assert sorted(answer.status_code for answer in answers) == [201, *[401] * 15]


async def test_off_means_the_password_alone(world: World) -> None:
    person = await with_authenticator(world)
    await person.me.post(f"{PATH}{person.totp_id}/disable/", json={"password": PASSWORD})
    assert (await world.sign_in(person.username)).status_code == 201
    assert (await world.sign_in(person.username, totp_code="whatever")).status_code == 201


async def test_the_second_factor_has_a_budget_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await with_authenticator(world)
    world.client.cookies.clear()
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", msgspec.structs.replace(parts.settings, throttle_scale=0.6))
    tries = [await world.sign_in(person.username, totp_code="000000") for _ in range(3)]
    assert [answer.status_code for answer in tries] == [401, 401, 429]
    right = await world.sign_in(person.username, totp_code=code(person.secret, 1))
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) >= 1
    for _ in range(8):
        assert codes(await world.sign_in(person.username)) == ["totp-required"]


async def test_good_codes_use_nothing_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await with_authenticator(world)
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", msgspec.structs.replace(parts.settings, throttle_scale=0.2))
    statuses = [(await world.sign_in(person.username, totp_code=one)).status_code for one in person.recovery_codes[:4]]
    assert statuses == [201] * 4


async def test_a_wrong_code_is_in_the_audit_trail_and_no_sign_in(world: World) -> None:
    person = await with_authenticator(world)
    asked = "SELECT last_login_at FROM users WHERE id = :id"
    before = await world.rows(asked, id=person.user_id)
    assert codes(await world.sign_in(person.username, totp_code="000000")) == ["invalid-totp-code"]
    assert await world.rows(asked, id=person.user_id) == before
    noted = (await world.rows("SELECT actor, user_id, target FROM audit_events WHERE action = 'second-factor-failed'"))[
        0
    ]
    assert (noted.actor, str(noted.user_id), noted.target) == (
        "anonymous",
        person.user_id,
        f"mfa-totp:{person.totp_id}",
    )


async def test_a_code_by_mail_does_not_stand_in_for_the_authenticator(world: World) -> None:
    person = await with_authenticator(world)
    await world.post("/v1/forgot-password/", {"username": person.username})
    await world.settle()
    body = {
        "username": person.username,
        "confirmation-code": await world.code(),
        "password": NEW_PASSWORD,
        "login": True,
    }
    answer = (await world.post("/v1/confirm-forgot-password/", body)).json()
    assert answer["login-error"]["code"] == "totp-required"
    assert "access-token" not in answer
    assert codes(await world.sign_in(person.username, NEW_PASSWORD)) == ["totp-required"]
    following = code(person.secret, 1)
    assert (await world.sign_in(person.username, NEW_PASSWORD, totp_code=following)).status_code == 201
