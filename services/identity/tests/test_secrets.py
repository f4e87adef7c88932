"""What must never stand in a log."""

from collections.abc import Iterator

import pytest
import structlog
from authenticators import code, with_authenticator
from chassis.logs import configure
from identity_world import NEW_PASSWORD, PASSWORD, World


@pytest.fixture
def logs(capsysbinary: pytest.CaptureFixture[bytes]) -> Iterator[pytest.CaptureFixture[bytes]]:
    before = structlog.get_config()
    configure("identity", "debug")
    structlog.configure(cache_logger_on_first_use=False)
    yield capsysbinary
    structlog.configure(**before)


async def test_a_whole_journey_leaves_no_secret_in_the_logs(world: World, logs: pytest.CaptureFixture[bytes]) -> None:
    username, code = await world.registered(password=PASSWORD)
    await world.confirm(username, "12345678")
    confirmed = (await world.confirm(username, code, login=True)).json()
    await world.sign_in(username, "a-Wrong-password-9")
    tokens = (await world.sign_in(username)).json()
    refreshed = (await world.refresh(tokens["refresh-token"])).json()
    await world.refresh("mst_rt_planted-refresh-token")
    await world.bearer("planted.bearer.token").get("/v1/sessions/")
    await world.client.get("/v1/authenticate/v1/users/?secret=planted-query", headers={"x-api-key": "planted-key"})
    await world.post("/v1/password-strength/", {"password": "planted-strength"})
    await world.post("/v1/forgot-password/", {"username": username})
    await world.settle()
    reset = await world.code()
    body = {"username": username, "confirmation-code": reset, "password": NEW_PASSWORD}
    await world.post("/v1/confirm-forgot-password/", body)
    me = world.client.as_(user_id=await world.user_id(username))
    account = f"/v1/users/{await world.user_id(username)}"
    changed = {"old-password": NEW_PASSWORD, "new-password": "planted-Other-phrase-7"}
    await me.post(f"{account}/change-password/", json=changed)
    await me.post(f"{account}/change-email/", json={"email": "planted@example.org"})
    await me.post(f"{account}/confirm-phone/", json={"phone-number": "+4366412345678"})
    codes = [(await world.message(kind))["variables"]["code"] for kind in ("change-email-code", "confirm-phone-code")]
    await me.post(f"{account}/confirm-email/", json={"confirmation-code": codes[0]})
    await me.post(f"{account}/confirm-phone/", json={"phone-number": "+4366412345678", "confirmation-code": codes[1]})
    await world.post("/v1/login/", {"username": {"planted": "planted-body"}, "password": 1})
    secrets = await second_factor(world)
    text = logs.readouterr().out.decode()
    assert text.count('"event":"request"') >= 12
    secrets += [PASSWORD, NEW_PASSWORD, "a-Wrong-password-9", "planted", code, "12345678", reset, *codes, "66412345678"]
    for answer in (confirmed, tokens, refreshed):
        secrets += [answer[f"{name}-token"] for name in ("access", "id", "refresh")]
    assert [secret for secret in secrets if secret in text] == []


async def second_factor(world: World) -> list[str]:
    """Somebody turns a second factor on and signs in with it; what of it must stay secret."""
    person = await with_authenticator(world)
    used = code(person.secret, 1)
    assert (await world.sign_in(person.username, totp_code=used)).status_code == 201
    assert (await world.sign_in(person.username, totp_code=person.recovery_codes[0])).status_code == 201
    return [person.secret, *person.recovery_codes]
