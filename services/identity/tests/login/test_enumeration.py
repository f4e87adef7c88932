"""Nobody learns from a failure whether there is such a user: body, status, headers, statements and hashes are alike.

Times are measured, not asserted: `python -m bench identity_signins`.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import httpx
import msgspec
import pytest
from access_federation import METADATA
from identity.parts import parts_of
from identity_world import PASSWORD, World, codes, email
from sqlalchemy import event
from upstreams import Federation

WRONG = "not-the-Password-1"
KINDS = [
    "unknown",
    "wrong password",
    "empty password",
    "locked",
    "unverified",
    "without a password",
    "archived",
    "disabled",
    "to be reset",
]


class Work:
    """What a request made the service do: statements by either way to the database, and hashes."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.hashes: list[str] = []

    def taken(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        done = tuple(self.statements), tuple(self.hashes)
        self.statements.clear()
        self.hashes.clear()
        return done


@pytest.fixture
def work(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    noted, hasher, engine = Work(), parts_of(world.runtime).hasher, world.runtime.engine.sync_engine
    row, verified, hashed = world.runtime.row, hasher._verified, hasher.hashed

    def listen(_: Any, __: Any, statement: str, *___: Any) -> None:
        noted.statements.append(statement)

    async def counted(statement: str, *values: Any) -> Any:
        noted.statements.append(statement)
        return await row(statement, *values)

    def verify(kept: str, text: bytes) -> bool:
        noted.hashes.append(kept.split("$")[3])
        return verified(kept, text)

    async def hash_anew(password: str) -> str:
        noted.hashes.append("new")
        return await hashed(password)

    monkeypatch.setattr(world.runtime, "row", counted)
    monkeypatch.setattr(hasher, "_verified", verify)
    monkeypatch.setattr(hasher, "hashed", hash_anew)
    event.listen(engine, "before_cursor_execute", listen)
    yield noted
    event.remove(engine, "before_cursor_execute", listen)


async def person(world: World, name: str) -> tuple[str, str]:
    """A username and a password that must not sign in: the right one, where that is not the point."""
    if name == "unknown":
        return email(), PASSWORD
    if name == "unverified":
        return (await world.registered())[0], PASSWORD
    username, user_id = await world.confirmed()
    states = {"archived": "archived", "disabled": "disabled", "to be reset": "force_reset_password"}
    if name in states:
        await world.rows("UPDATE users SET state = :state WHERE id = :id", state=states[name], id=user_id)
    if name == "without a password":
        await world.rows("UPDATE users SET password_hash = NULL WHERE id = :id", id=user_id)
    if name == "locked":
        await lock(world, username)
        await world.rows("UPDATE throttles SET full_at = now()")
    return username, {"wrong password": WRONG, "empty password": "", "to be reset": WRONG}.get(name, PASSWORD)


async def lock(world: World, username: str) -> httpx.Response:
    """Use the account's budget up."""
    parts = parts_of(world.runtime)
    before, parts.settings = parts.settings, msgspec.structs.replace(parts.settings, throttle_scale=0.3)
    tries = [await world.sign_in(username, WRONG) for _ in range(4)]
    parts.settings = before
    assert [answer.status_code for answer in tries] == [401, 401, 401, 429]
    return tries[-1]


def told(answer: httpx.Response) -> tuple[int, str, str]:
    headers = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "retry-after"}}
    return answer.status_code, answer.text, str(headers)


async def test_every_kind_of_failure_looks_the_same_and_costs_the_same(world: World, work: Work) -> None:
    people = {name: await person(world, name) for name in KINDS}
    people["locked"] = people["locked"][0], WRONG
    seen: dict[str, Any] = {}
    for name, (username, password) in people.items():
        work.taken()
        answer = await world.sign_in(username, password)
        seen[name] = told(answer), work.taken()
    assert len(set(seen.values())) == 1, seen
    (status, _, _), (statements, hashes) = seen["unknown"]
    assert status == 401
    assert len(statements) >= 3
    assert hashes == ("m=19456,t=2,p=1",)


async def test_a_locked_account_looks_like_a_name_that_nobody_has(world: World, work: Work) -> None:
    username, _ = await world.confirmed()
    seen: dict[str, Any] = {}
    for name in (username, email()):
        await lock(world, name)
        work.taken()
        parts = parts_of(world.runtime)
        before, parts.settings = parts.settings, msgspec.structs.replace(parts.settings, throttle_scale=0.3)
        answer = await world.sign_in(name)
        parts.settings = before
        assert 60 <= int(answer.headers["retry-after"]) <= 67
        seen[name] = told(answer), work.taken()
    assert len(set(seen.values())) == 1, seen
    assert seen[username][0][0] == 429
    assert seen[username][1][1] == ()


async def test_a_domain_with_an_identity_provider_tells_nobody_apart(
    federation: Federation, world: World, work: Work
) -> None:
    """Neither who is there, nor whose password is right, nor who of them may use it."""
    people = {name: await person(world, name) for name in (*KINDS, "right password", "an administrator")}
    boss = await world.user_id(people["an administrator"][0])
    await world.belongs(boss, federation.organization_id, role="org.admin")
    people["an administrator"] = people["an administrator"][0], WRONG
    given = {"protocol": "oidc", "metadata": METADATA, "client-id": "x", "client-authentication": "none"}
    provider = (await federation.create(**given, domains=["example.org"])).json()["data"]["id"]
    assert (await federation.own(provider, "example.org")).status_code == 201
    seen: dict[str, Any] = {}
    for name, (username, password) in people.items():
        work.taken()
        status, body, headers = told(await world.sign_in(username, password))
        told_of_nobody = body.replace(quote_plus(username), "NAME"), headers.replace(str(len(body)), "LENGTH")
        seen[name] = status, told_of_nobody, work.taken()
    assert len(set(seen.values())) == 1, seen
    status, (body, _), (statements, hashes) = seen["unknown"]
    assert (status, set(msgspec.json.decode(body))) == (201, {"redirect-url"})
    assert len(statements) >= 2
    assert hashes == ("m=19456,t=2,p=1",)


async def test_what_comes_after_the_password_is_told_to_nobody_else(world: World) -> None:
    username, user_id = await world.confirmed()
    await world.rows("UPDATE users SET state = 'force_reset_password' WHERE id = :id", id=user_id)
    assert codes(await world.sign_in(username)) == ["password-reset-required"]
    assert codes(await world.sign_in(username, WRONG)) == ["invalid-credentials"]


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("a" * 1024, PASSWORD),
        ("\x00", PASSWORD),
        ("name\x00\u200b\u202e", PASSWORD),
        ("🙂" * 200, PASSWORD),
        ("nobody", "\x00" * 4096),
        ("nobody", "🙂" * 4096),
        ("nobody", "x" * 4096),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
async def test_odd_names_and_passwords_are_refused_alike(world: World, username: str, password: str) -> None:
    answer = await world.sign_in(username, password)
    assert (answer.status_code, codes(answer)) == (401, ["invalid-credentials"])


async def test_what_is_too_long_is_named(world: World) -> None:
    assert (await world.sign_in("a" * 1025)).status_code == 400
    assert (await world.sign_in("a", "x" * 4097)).status_code == 400
