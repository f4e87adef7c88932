"""How far a directory's word reaches: not to the operator's staff, nor past others, nor in another's name."""

from uuid import UUID, uuid4

from directories import PATCH, directory
from identity_world import PASSWORD, World, codes


async def test_the_operators_staff_are_no_directorys_to_sign_in_as(world: World) -> None:
    ours = await directory(world)
    made = await ours.user(password=PASSWORD)
    await world.rows(
        "INSERT INTO user_roles (id, user_id, name) VALUES (uuidv7(), :id, 'system.support')", id=UUID(made["id"])
    )
    for operation in (
        {"op": "replace", "path": "userName", "value": "another@example.org"},
        {"op": "replace", "path": "password", "value": f"{PASSWORD}-of-the-directory"},
    ):
        assert (await ours.patch(f"Users/{made['id']}", operation)).json()["scimType"] == "mutability"
    assert (await world.sign_in(made["userName"])).status_code == 201


async def test_whom_others_have_disabled_no_directory_enables(world: World) -> None:
    ours, theirs = await directory(world), await directory(world)
    made = await ours.user(password=PASSWORD)
    await world.belongs(made["id"], theirs.organization_id, role="org.member")
    disabled = await world.client.as_operator().post(f"/v1/users/{made['id']}/disable/", json={})
    assert disabled.status_code == 201, disabled.text
    for value in (False, True):
        await ours.patch(f"Users/{made['id']}", {"op": "replace", "path": "active", "value": value})
    assert (await ours.get(f"Users/{made['id']}")).json()["active"] is False
    assert codes(await world.sign_in(made["userName"])) == ["invalid-credentials"]


async def test_nobody_speaks_for_a_directory_in_another_persons_name(world: World) -> None:
    ours = await directory(world)
    made = await ours.user(password=PASSWORD)
    acting = world.client.as_(user_id=ours.admin, act={"sub": str(uuid4()), "sid": str(uuid4())})
    body = {
        "schemas": [PATCH],
        "Operations": [{"op": "replace", "path": "password", "value": f"{PASSWORD}-of-another"}],
    }
    acting.headers["content-type"] = "application/scim+json"
    assert (await acting.patch(ours.url(f"Users/{made['id']}"), json=body)).status_code == 403
    assert (await world.sign_in(made["userName"])).status_code == 201
