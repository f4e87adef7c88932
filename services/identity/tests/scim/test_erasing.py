"""Nothing stays of a provisioned person who is erased."""

from uuid import UUID

from chassis.erasure import Person
from chassis.erasure.carrying_out import carry_out, export
from devices import Device, with_passkey
from directories import directory
from identity.erasure import PLAN
from identity_world import PASSWORD, World
from testkit.erasure import left_of

MARK = "canary-of-a-directory"


async def test_what_the_directory_told_goes_with_the_person(world: World) -> None:
    ours = await directory(world)
    ada = await ours.user(password=PASSWORD, title=MARK, externalId=f"{MARK}-7")
    await ours.group("Nurses", ada)
    await ours.get(f"Users/{ada['id']}")
    tokens = (await world.sign_in(ada["userName"])).json()
    await with_passkey(world.bearer(tokens["access-token"]), Device())
    person = Person(user_id=UUID(ada["id"]), addresses=[ada["userName"]])
    async with world.runtime.sessions.begin() as session:
        assert MARK in str(await export(session, PLAN, person))
        counts = await carry_out(session, PLAN, person)
        assert await left_of(session, MARK, ada["userName"]) == []
    expected = {"scim_users": 1, "scim_group_members": 1, "passkeys": 1}
    assert {name: counts[name] for name in expected} == expected
    assert counts["scim_requests"] >= 1, "what names the person by their id"
    assert (await ours.get(f"Users/{ada['id']}")).status_code == 404
