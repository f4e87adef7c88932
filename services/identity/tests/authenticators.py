"""A person with an authenticator, as tests need one."""

import time
from typing import Any, NamedTuple

from identity_world import PASSWORD, World
from pyotp.totp import TOTP
from testkit.client import Client

PATH = "/v1/mfa-totp/"


class Person(NamedTuple):
    """Somebody signed in, with an authenticator that is enabled."""

    me: Client
    username: str
    user_id: str
    totp_id: str
    secret: str
    recovery_codes: list[str]


def code(secret: str, later: int = 0) -> str:
    """The code of the present 30 seconds, or of `later` steps after it."""
    return TOTP(secret).generate_otp(int(time.time() // 30) + later)


def pair(secret: str) -> list[str]:
    """Two codes that follow each other; the next code is still unused after them."""
    return [code(secret, -1), code(secret)]


async def begun(me: Client) -> tuple[str, dict[str, Any]]:
    """A new authenticator: its id and attributes."""
    answer = await me.post(PATH, json={})
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    return made["id"], made["attributes"]


async def with_authenticator(world: World) -> Person:
    username, _ = await world.confirmed()
    tokens = (await world.sign_in(username)).json()
    me = world.bearer(tokens["access-token"])
    totp_id, made = await begun(me)
    secret = made["secret"]["shared-secret-key"]
    answer = await me.post(f"{PATH}{totp_id}/enable/", json={"codes": pair(secret), "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    codes = answer.json()["data"]["attributes"]["recovery-codes"]
    return Person(me, username, tokens["user-id"], totp_id, secret, codes)
