from uuid import UUID, uuid4

from contracts.identity import UserDisabled, UserEnabled
from identity_world import World, codes
from testkit.races import race


async def test_disabling_ends_everything_and_enabling_reverts_it(world: World) -> None:
    username, user_id = await world.confirmed()
    tokens = [(await world.sign_in(username)).json() for _ in range(2)]
    operator = world.client.as_operator()
    answer = await operator.post(f"/v1/users/{user_id}/disable/", json={})
    assert answer.status_code == 201
    attributes = answer.json()["data"]["attributes"]
    assert (attributes["state"], attributes["enabled"]) == ("disabled", False)
    for token in tokens:
        assert (await world.bearer(token["access-token"]).post("/v1/authenticate/", json={})).status_code == 401
        assert (await world.refresh(token["refresh-token"])).status_code == 401
    assert (await world.sign_in(username)).status_code == 401
    assert (await world.message())["type"] == "account-disabled"

    enabled = (await operator.post(f"/v1/users/{user_id}/enable/", json={})).json()["data"]["attributes"]
    assert (enabled["state"], enabled["enabled"]) == ("confirmed", True)
    assert (await world.sign_in(username)).status_code == 201
    for token in tokens:
        assert (await world.refresh(token["refresh-token"])).status_code == 401
    assert len(await world.events(UserDisabled)) == len(await world.events(UserEnabled)) == 1


async def test_twice_changes_nothing(world: World) -> None:
    _, user_id = await world.confirmed()
    operator = world.client.as_operator()
    for action in ("disable", "disable", "enable", "enable"):
        assert (await operator.post(f"/v1/users/{user_id}/{action}/")).status_code == 201
    assert len(await world.events(UserDisabled)) == len(await world.events(UserEnabled)) == 1
    audit = await world.rows("SELECT action FROM audit_events WHERE user_id = :id ORDER BY id", id=user_id)
    assert [row.action for row in audit] == ["user-disabled", "user-enabled"]


async def test_the_state_before_comes_back(world: World) -> None:
    user_id = await world.account(password=None)
    operator = world.client.as_operator()
    await operator.post(f"/v1/users/{user_id}/disable/", json={})
    enabled = await operator.post(f"/v1/users/{user_id}/enable/", json={})
    assert enabled.json()["data"]["attributes"]["state"] == "force_reset_password"


async def test_nobody_disables_themselves(world: World) -> None:
    user_id = await world.account()
    answer = await world.client.as_operator(user_id).post(f"/v1/users/{user_id}/disable/", json={})
    assert (answer.status_code, codes(answer)) == (409, ["conflict"])


async def test_archived_stays_archived(world: World) -> None:
    user_id = await world.account()
    await world.rows("UPDATE users SET state = 'archived' WHERE id = :id", id=user_id)
    assert (await world.client.as_operator().post(f"/v1/users/{user_id}/enable/", json={})).status_code == 409


async def test_an_unknown_member_is_refused(world: World) -> None:
    user_id = await world.account()
    answer = await world.client.as_operator().post(f"/v1/users/{user_id}/disable/", json={"x": 1})
    assert answer.status_code == 400
    assert await world.events(UserDisabled) == []


async def test_an_administrator_of_all_of_their_organizations(world: World) -> None:
    organization = uuid4()
    admin, member = await world.staff(organization, role="org.admin"), await world.staff(organization)
    client = world.client.as_(user_id=admin)
    assert (await client.post(f"/v1/users/{member}/disable/", json={})).status_code == 201
    assert (await client.post(f"/v1/users/{member}/enable/", json={})).status_code == 201
    await world.belongs(member, uuid4())
    assert (await client.post(f"/v1/users/{member}/disable/", json={})).status_code == 403


async def test_switching_organizations(world: World) -> None:
    first, second = uuid4(), uuid4()
    user_id = await world.staff(first, role="org.member")
    await world.belongs(user_id, second, role="org.admin")
    username = (await world.rows("SELECT username FROM users WHERE id = :id", id=user_id))[0].username
    tokens = (await world.sign_in(username)).json()
    assert (tokens["organization-id"], tokens["multi-organization"]) == (str(first), True)
    me = world.bearer(tokens["access-token"])
    path = f"/v1/users/{user_id}/switch-organization/"
    answer = await me.post(path, json={"organization-id": str(second), "set-default": False})
    switched = answer.json()
    assert answer.status_code == 201, answer.text
    principal = await world.runtime.verifier.verify(switched["access-token"])
    assert (principal.organization_id, principal.roles) == (second, {"org.admin"})
    assert switched["session-id"] == tokens["session-id"]
    assert (await world.refresh(switched["refresh-token"])).json()["organization-id"] == str(second)
    assert (await world.refresh(tokens["refresh-token"])).json()["organization-id"] == str(second)
    assert (await world.sign_in(username)).json()["organization-id"] == str(first)
    await me.post(path, json={"organization-id": str(second), "set-default": True})
    assert (await world.sign_in(username)).json()["organization-id"] == str(second)


async def test_switching_where_one_does_not_belong(world: World) -> None:
    tokens = await world.signed_in()
    me = world.bearer(tokens["access-token"])
    path = f"/v1/users/{tokens['user-id']}/switch-organization/"
    elsewhere = {"organization-id": str(uuid4()), "set-default": False}
    assert (await me.post(path, json=elsewhere)).status_code == 404
    assert (await me.post(f"/v1/users/{uuid4()}/switch-organization/", json=elsewhere)).status_code == 404
    assert (await me.post(path, json={"organization-id": "x"})).status_code == 400
    operator = world.client.as_operator()
    assert (await operator.post(path, json=elsewhere)).status_code == 403


async def test_signing_in_beside_being_disabled(live_world: World) -> None:
    """Whatever the order, nobody who is disabled ends up with tokens that count."""
    username, user_id = await live_world.confirmed()
    operator = live_world.client.as_operator()

    async def attempt(number: int):
        if number == 5:
            return await operator.post(f"/v1/users/{user_id}/disable/", json={})
        return await live_world.sign_in(username)

    answers = await race(attempt)
    assert answers[5].status_code == 201
    for answer in answers[:5] + answers[6:]:
        if answer.status_code == 201:
            me = live_world.bearer(answer.json()["access-token"])
            assert (await me.post("/v1/authenticate/", json={})).status_code == 401
            assert (await live_world.refresh(answer.json()["refresh-token"])).status_code == 401
    assert UUID(answers[5].json()["data"]["id"]) == user_id
