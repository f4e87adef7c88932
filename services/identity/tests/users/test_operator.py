import msgspec
from contracts.identity import UserCreated
from identity.parts import parts_of
from identity.users.operator import ensure_operator
from identity_world import NEW_PASSWORD, PASSWORD, World, email


async def test_the_first_start_makes_the_operator_once(world: World, monkeypatch) -> None:
    address, parts = email(), parts_of(world.runtime)
    for password in (PASSWORD, NEW_PASSWORD):
        settings = msgspec.structs.replace(parts.settings, admin_email=address, admin_password=password)
        monkeypatch.setattr(parts, "settings", settings)
        await ensure_operator(world.runtime)
    created = await world.events(UserCreated)
    assert [(event.operator, event.classification) for event in created] == [(True, "carium")]
    answer = await world.sign_in(address)
    principal = await world.runtime.verifier.verify(answer.json()["access-token"])
    assert principal.is_operator
    assert (await world.sign_in(address, NEW_PASSWORD)).status_code == 401
    listed = (await world.bearer(answer.json()["access-token"]).get("/v1/users/")).json()["data"]
    roles = [row["attributes"]["roles"][0]["name"] for row in listed if row["attributes"]["email"] == address]
    assert roles == ["system.admin"]
