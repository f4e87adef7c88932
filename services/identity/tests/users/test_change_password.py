from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from contracts.identity import TokensOutdated
from identity.parts import parts_of
from identity_world import NEW_PASSWORD, PASSWORD, World, codes, pointers
from testkit.races import race


def path(user_id: object) -> str:
    return f"/v1/users/{user_id}/change-password/"


def body(**fields: Any) -> dict[str, Any]:
    return {"old-password": PASSWORD, "new-password": NEW_PASSWORD} | {
        name.replace("_", "-"): value for name, value in fields.items()
    }


async def alive(world: World, tokens: dict[str, Any]) -> bool:
    return (await world.refresh(tokens["refresh-token"])).status_code == 201


async def test_every_other_session_ends_and_ones_own_goes_on(world: World) -> None:
    username, _ = await world.confirmed()
    mine, other = (await world.sign_in(username)).json(), (await world.sign_in(username)).json()
    me = world.bearer(mine["access-token"])
    answer = await me.post(path(mine["user-id"]), json=body())
    assert (answer.status_code, answer.text) in {(201, ""), (201, "null")}
    assert not await alive(world, other)
    assert await alive(world, mine)
    assert len(await world.events(TokensOutdated)) == 1
    assert (await world.message("password-changed"))["recipient"] == username
    assert (await world.sign_in(username)).status_code == 401
    assert (await world.sign_in(username, NEW_PASSWORD)).status_code == 201
    audit = await world.rows("SELECT details FROM audit_events WHERE action = 'password-changed'")
    assert [row.details["sessions"] for row in audit] == ["ended"]
    assert NEW_PASSWORD not in str(audit)


async def test_sessions_are_kept_on_demand(world: World) -> None:
    username, user_id = await world.confirmed()
    mine, other = (await world.sign_in(username)).json(), (await world.sign_in(username)).json()
    me = world.bearer(mine["access-token"])
    assert (await me.post(path(user_id), json=body(maintain_active_sessions=True))).status_code == 201
    assert await alive(world, other)
    assert (await me.post("/v1/authenticate/", json={})).status_code == 201
    assert await world.events(TokensOutdated) == []


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"old_password": "wrong"}, "/old-password", "wrong-password"),
        ({"old_password": ""}, "/old-password", "wrong-password"),
        ({"old_password": "\x00" * 8}, "/old-password", "wrong-password"),
        ({"old_password": None}, "/old-password", "required"),
        ({"old_password": "x" * 256}, "/old-password", "invalid"),
        ({"new_password": "short"}, "/new-password", "password-length"),
        ({"new_password": "\x00" * 12}, "/new-password", "weak-password"),
        ({"new_password": "🙂" * 20}, "/new-password", "weak-password"),
        ({"new_password": "é" * 2048}, "/new-password", "invalid"),
        ({"context": "anything"}, "/context", "invalid"),
        ({"maintain_active_sessions": "yes"}, "/maintain-active-sessions", "invalid"),
        ({"other": 1}, "/other", "unknown-member"),
    ],
)
async def test_what_is_wrong_is_named(world: World, fields: dict[str, Any], pointer: str, code: str) -> None:
    username, user_id = await world.confirmed()
    answer = await world.client.as_(user_id=user_id).post(path(user_id), json=body(**fields))
    assert (answer.status_code, pointers(answer)) == (400, [pointer]), answer.text
    assert codes(answer) == [code]
    assert (await world.sign_in(username)).status_code == 201


async def test_support_sets_one_without_the_old_and_it_is_audited(world: World) -> None:
    username, user_id = await world.confirmed()
    tokens = (await world.sign_in(username)).json()
    staff = uuid4()
    support = world.client.as_(user_id=staff, roles=("system.support",))
    new = {"new-password": NEW_PASSWORD, "context": "carium-support"}
    assert (await support.post(path(user_id), json=new)).status_code == 201
    assert not await alive(world, tokens)
    assert (await world.sign_in(username, NEW_PASSWORD)).status_code == 201
    (audit,) = await world.rows("SELECT * FROM audit_events WHERE action = 'password-changed'")
    assert str(staff) in audit.actor
    assert (audit.user_id, audit.details["context"]) == (user_id, "carium-support")


async def test_who_may_not(world: World) -> None:
    username, user_id = await world.confirmed()
    admin = await world.staff(world.orgs.organization_id, role="org.admin")
    new = {"new-password": NEW_PASSWORD, "context": "carium-support"}
    operator = await world.account()
    await world.rows(
        "INSERT INTO user_roles (id, user_id, organization_id, name) VALUES (gen_random_uuid(), :id, NULL, :name)",
        id=operator,
        name="system.admin",
    )
    support = world.client.as_(user_id=uuid4(), roles=("system.support",))
    impersonator = world.client.as_(user_id=user_id, act={"sub": str(uuid4()), "sid": str(uuid4())})
    for client, target, sent in (
        (world.client.as_(user_id=admin), user_id, new),
        (world.client.as_(user_id=admin), user_id, body()),
        (world.client.as_(user_id=user_id), user_id, new),
        (support, operator, new),
        (impersonator, user_id, body()),
        (world.client.as_service("orgs"), user_id, body()),
    ):
        answer = await client.post(path(target), json=sent)
        assert answer.status_code == 403, answer.text
    assert (await world.client.as_operator(uuid4()).post(path(operator), json=new)).status_code == 201
    assert (await world.sign_in(username)).status_code == 201


async def test_an_account_that_is_not_active(world: World) -> None:
    _, user_id = await world.confirmed()
    await world.client.as_operator().post(f"/v1/users/{user_id}/disable/", json={})
    new = {"new-password": NEW_PASSWORD, "context": "carium-support"}
    support = world.client.as_(user_id=uuid4(), roles=("system.support",))
    assert (await support.post(path(user_id), json=new)).status_code == 409


async def test_guessing_the_old_one_is_throttled(world: World) -> None:
    _, user_id = await world.confirmed()
    parts = parts_of(world.runtime)
    before = parts.settings
    parts.settings = msgspec.structs.replace(before, throttle_scale=0.5)
    try:
        me = world.client.as_(user_id=user_id)
        answers = [await me.post(path(user_id), json=body(old_password=f"guess {n}")) for n in range(6)]
    finally:
        parts.settings = before
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_one_of_sixteen_wins(live_world: World) -> None:
    username, user_id = await live_world.confirmed()
    tokens = (await live_world.sign_in(username)).json()
    me = live_world.bearer(tokens["access-token"])
    answers = await race(
        lambda number: me.post(
            path(user_id), json=body(new_password=f"{NEW_PASSWORD} {number}", maintain_active_sessions=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[400] * 15]
    winner = next(number for number, answer in enumerate(answers) if answer.status_code == 201)
    assert (await live_world.sign_in(username, f"{NEW_PASSWORD} {winner}")).status_code == 201
    assert UUID(tokens["user-id"]) == user_id
