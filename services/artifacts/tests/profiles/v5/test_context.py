"""`POST /api/v5/artifacts/profiles/context`."""

from uuid import uuid4

import pytest

PATH = "/api/v5/artifacts/profiles/context"


async def context(world, caller, **body):
    return await world.post("profiles/context", body, caller)


async def test_who_am_i(world):
    ann = await world.person("Ann")
    surgery = await world.department("Surgery", ann)
    session_id = uuid4()
    caller = world.client.as_(
        user_id=ann.user_id, organization_id=world.organization, roles=("org.member",), session_id=session_id
    )
    body = await context(world, caller)
    assert (body["id"], body["name"], body["role"], body["active"]) == (str(ann.id), "Ann Doe", "member", True)
    assert (body["department_ids"], body["primary_department_id"]) == ([str(surgery)], str(surgery))
    assert body["session_id"] == str(session_id)
    assert (body["is_emulation"], body["emulation_depth"], body["scoped_roles"]) == (False, 0, [])
    assert [row["role"] for row in body["role_resources"]] == ["superadmin", "admin", "instructor", "member", "guest"]
    assert all(value.startswith("#") for value in body["theme"].values())


@pytest.mark.parametrize(
    ("role", "shown", "below"),
    [
        ("org.admin", "admin", ["instructor", "member", "guest"]),
        ("org.member", "member", []),
        ("", "guest", []),
        ("system.admin", "superadmin", ["admin", "instructor", "member", "guest"]),
        ("system.support", "member", []),
    ],
)
async def test_roles(world, role, shown, below):
    body = await context(world, world.as_(role))
    assert (body["role"], body["id"], body["scoped_roles"]) == (shown, None, below)
    assert ("cohorts" in body["role_artifacts"]) == (shown != "guest")


async def test_an_assigned_role_counts(world):
    ann = await world.person("Ann")
    ann.assigned_role = "instructor"
    await world.session.flush()
    body = await context(world, world.as_("org.member", user=ann.user_id))
    assert (body["role"], body["scoped_roles"]) == ("instructor", ["member", "guest"])


async def test_the_tokens_role_wins_over_an_old_profile(world):
    ann = await world.person("Ann", role="org.admin")
    assert (await context(world, world.as_("org.member", user=ann.user_id)))["role"] == "member"


async def test_a_department_is_chosen(world):
    ann = await world.person("Ann")
    surgery, icu = await world.department("Surgery", ann), await world.department("ICU")
    theirs = await world.department("Theirs", organization=world.elsewhere)
    member, admin = world.as_("org.member", user=ann.user_id), world.as_()
    assert (await context(world, member, department_id=str(surgery)))["primary_department_id"] == str(surgery)
    assert (await context(world, admin, department_id=str(icu)))["primary_department_id"] == str(icu)
    for caller, department in ((member, icu), (admin, theirs), (admin, uuid4())):
        answer = await caller.post(PATH, json={"department_id": str(department)})
        assert answer.status_code == 404
