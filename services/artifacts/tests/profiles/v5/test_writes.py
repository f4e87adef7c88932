"""Making, changing, duplicating and deleting profiles."""

from uuid import uuid4

import pytest
from artifacts import roles
from artifacts.cohorts import flags
from artifacts.profiles.limits import limit_id
from artifacts.profiles.models import Profile, ProfileActivity
from contracts.artifacts import ProfileCreated, ProfileDeleted, ProfileUpdated
from kernel import uuid7
from sqlalchemy import select

OFF, ON = str(flags.INACTIVE.id), str(flags.ACTIVE.id)


def role_id(name):
    return str(roles.ID_OF[name])


async def create(world, *items, caller=None, **headers):
    return (await world.post("profiles/create", {"profiles": list(items)}, caller, **headers))["results"]


async def update(world, profile, caller=None, **changes):
    body = {"profiles": [{"profile_id": str(profile), **changes}]}
    return (await world.post("profiles/update", body, caller))["results"][0]


async def row(world, identifier):
    found = select(Profile).where(Profile.id == identifier).execution_options(populate_existing=True)
    return (await world.session.scalars(found)).one()


def fields(result):
    return [error["field"] for error in result["errors"]]


async def test_many_are_made_with_a_result_each(world, outbox):
    surgery = await world.department("Surgery")
    results = await create(
        world,
        {"name": "Ann Lee", "email": "ann@example.org", "role": "instructor", "departments": ["Surgery"]},
        {"name": "Bob", "role_ids": [role_id("member")], "request_limit": 7, "department_ids": [str(surgery)]},
        {"email": "nobody@example.org"},
        {"name": "Cleo", "flag_id": OFF},
        **{"X-MCP": "true"},
    )
    assert [result["success"] for result in results] == [True, True, False, True]
    assert fields(results[2]) == ["name"]
    assert results[2]["message"] == "The profile was not created."
    ann, bob, cleo = [await row(world, results[place]["profile_id"]) for place in (0, 1, 3)]
    assert (ann.name, ann.emails, ann.role, ann.mcp) == ("Ann Lee", ["ann@example.org"], "instructor", True)
    assert (ann.department_ids, ann.primary_department_id, ann.account_type) == ([surgery], surgery, "provider")
    assert (bob.role, bob.requests_per_day, bob.user_id) == ("member", 7, None)
    assert (cleo.role, cleo.is_in_use, cleo.account_type) == ("guest", False, "patient")
    assert len({ann.number, bob.number, cleo.number}) == 3
    assert sum(isinstance(event, ProfileCreated) for event in await outbox()) == 3
    noted = list(await world.session.scalars(select(ProfileActivity.activity)))
    assert noted == ["created"] * 3


async def test_problems_of_items(world):
    await world.department("Twin")
    await world.department("Twin")
    theirs = await world.department("Theirs", organization=world.elsewhere)
    twice = str(uuid7())
    results = await create(
        world,
        {"name": "A", "departments": ["Twin"]},
        {"name": "B", "department_ids": [str(theirs)]},
        {"name_id": str(uuid4())},
        {"name": "C", "email_ids": [str(uuid4())], "flag_id": str(uuid4()), "request_limit_id": str(uuid4())},
        {"name": "D", "role": "superadmin"},
        {"name": "E", "role_ids": [role_id("guest"), role_id("member")]},
        {"name": "F", "id": twice},
        {"name": "G", "id": twice},
        {"name": "   "},
    )
    assert [fields(result) for result in results] == [
        ["departments"],
        ["department_ids"],
        ["name_id"],
        ["email_ids", "request_limit_id", "flag_id"],
        ["role"],
        ["role_ids"],
        ["id"],
        ["id"],
        ["name"],
    ]
    assert (await world.post("profiles/search", {}))["total_count"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"profiles": [{"name": "x", "role": "king"}]},
        {"profiles": [{"name": "x", "email": "no address"}]},
        {"profiles": [{"name": "x", "request_limit": 0}]},
        {"profiles": [{"name": "x\x00"}]},
        {"profiles": [{"name": ""}]},
        {"profiles": [{"name": "x", "other": 1}]},
        {"profiles": "x"},
        {},
    ],
)
async def test_bad_bodies(world, body):
    assert (await world.as_().post("/api/v5/artifacts/profiles/create", json=body)).status_code == 400


async def test_10001_items_are_too_many(world):
    for path, body in (
        ("create", {"profiles": [{"name": "x"}] * 10_001}),
        ("delete", {"profile_ids": [str(uuid4())] * 10_001}),
    ):
        assert (await world.as_().post(f"/api/v5/artifacts/profiles/{path}", json=body)).status_code == 400


async def test_a_thousand_in_few_statements(world, statements):
    items = [{"name": f"Person {number}", "email": f"p{number}@example.org"} for number in range(1000)]
    assert await statements(create(world, *items)) <= 10
    assert (await world.post("profiles/search", {"search": "Person"}))["total_count"] == 1000


async def test_changes(world, outbox):
    surgery = await world.department("Surgery")
    (made,) = await create(world, {"name": "Ann", "role": "member", "email": "a@example.org"})
    ann = made["profile_id"]
    named = (await world.post("profiles/get", {"target_profile_id": ann}))["emails"]["current"][0]["id"]
    result = await update(
        world,
        ann,
        name="Ann Lee",
        departments=["Surgery"],
        role_ids=[role_id("instructor")],
        request_limit_id=str(limit_id(9)),
        flag_id=OFF,
        email_ids=[named],
    )
    assert result["success"], result
    found = await row(world, ann)
    assert (found.name, found.role, found.requests_per_day, found.is_in_use) == ("Ann Lee", "instructor", 9, False)
    assert (found.department_ids, found.emails) == ([surgery], ["a@example.org"])
    assert sum(isinstance(event, ProfileUpdated) for event in await outbox()) == 1
    line = (await world.session.scalars(select(ProfileActivity).where(ProfileActivity.activity == "updated"))).one()
    assert "Ann" not in str(line.changes)
    assert {change["field"] for change in line.changes} >= {"role", "name", "requests_per_day", "is_in_use"}
    before = len(await outbox())
    assert (await update(world, ann, name="Ann Lee"))["success"]
    assert (await update(world, ann, request_limit_id=str(limit_id(None)), department_ids=[]))["success"]
    found = await row(world, ann)
    assert (found.requests_per_day, found.department_ids) == (None, [])
    assert len(await outbox()) == before + 1


async def test_what_orgs_and_identity_say_stays(world):
    ann = await world.person("Ann", role="org.member")
    surgery, icu = await world.department("Surgery", ann), await world.department("ICU")
    result = await update(world, ann.id, department_ids=[str(icu)], role_ids=[role_id("guest")])
    assert fields(result) == ["department_ids", "role_ids"]
    changes = {"department_ids": [str(surgery), str(icu)], "role_ids": [role_id("instructor")], "name": "Dr Ann"}
    assert (await update(world, ann.id, **changes))["success"]
    renamed = _renamed(world, ann)
    world.session.expire_all()
    await world.happen(*renamed)
    found = await world.profile(ann.user_id)
    assert (found.name, found.first_name, found.role) == ("Dr Ann", "Anna", "instructor")
    assert set(found.department_ids) == {surgery, icu}
    await world.happen(*_deleted(world, icu))
    assert (await world.profile(ann.user_id)).department_ids == [surgery]
    assert (await update(world, ann.id, name=""))["success"]
    assert (await world.profile(ann.user_id)).name == "Anna Doe"


def _renamed(world, profile):
    from contracts.identity import UserUpdated

    world.identity.users[str(profile.user_id)]["first-name"] = "Anna"
    return [UserUpdated(user_id=profile.user_id)]


def _deleted(world, group):
    from contracts.orgs import GroupDeleted

    return [GroupDeleted(group_id=group, organization_id=world.organization)]


async def test_who_may_change_whom(world):
    ina, ann = await world.person("Ina"), await world.person("Ann", role="org.admin")
    ina.assigned_role = ina.role = "instructor"
    theirs = await world.person("Eve", organization=world.elsewhere)
    await world.session.flush()
    caller = world.as_("org.member", user=ina.user_id)
    assert "above yours" in (await update(world, ann.id, caller, name="X"))["errors"][0]["message"]
    assert fields(await update(world, theirs.id, caller, name="X")) == ["profile_id"]
    assert fields(await update(world, ina.id, caller, flag_id=OFF)) == ["flag_id"]
    (result,) = await create(world, {"name": "X", "role": "admin"}, caller=caller)
    assert fields(result) == ["role"]
    shown = {profile["name"]: profile for profile in (await world.post("profiles/search", {}, caller))["profiles"]}
    assert (shown["Ann Doe"]["can_edit"], shown["Ina Doe"]["can_edit"], shown["Ina Doe"]["can_delete"]) == (
        False,
        True,
        False,
    )


async def test_one_out_of_use_may_nothing(world):
    ann = await world.person("Ann", role="org.admin")
    caller = world.as_("org.admin", user=ann.user_id)
    assert (await update(world, ann.id, flag_id=OFF))["success"]
    body = await world.post("profiles/context", {}, caller)
    assert (body["role"], body["active"]) == ("guest", False)
    assert (await caller.post("/api/v5/artifacts/cohorts/search", json={})).status_code == 403


async def test_deleting(world, outbox):
    ann, bob = await world.person("Ann", role="org.admin"), await world.person("Bob")
    await world.cohort("Spring", profile_ids=[str(bob.id)])
    (made,) = await create(world, {"name": "Cleo"})
    body = {"profile_ids": [str(bob.id), made["profile_id"], str(bob.id), str(ann.id), str(uuid4())]}
    caller = world.as_("org.admin", user=ann.user_id)
    results = (await world.post("profiles/delete", body, caller))["results"]
    assert [result["success"] for result in results] == [True, True, False, False, False]
    assert "own" in results[3]["message"]
    assert [p["name"] for p in (await world.post("profiles/search", {}))["profiles"]] == ["Ann Doe"]
    assert (await world.post("cohorts/search", {}))["cohorts"][0]["num_members"] == 0
    assert sum(isinstance(event, ProfileDeleted) for event in await outbox()) == 2


async def test_many_leave_their_cohorts_in_few_statements(world, statements):
    people = [one["profile_id"] for one in await create(world, *({"name": f"P{number}"} for number in range(50)))]
    await world.cohort("Spring", profile_ids=people)
    await world.cohort("Autumn", profile_ids=people[:20])
    assert await statements(world.post("profiles/delete", {"profile_ids": people[:30]})) <= 15
    counts = {row["name"]: row["num_members"] for row in (await world.post("cohorts/search", {}))["cohorts"]}
    assert counts == {"Spring": 20, "Autumn": 0}


async def test_duplicating(world):
    surgery = await world.department("Surgery")
    item = {"name": "Ann", "email": "a@example.org", "role": "member", "departments": ["Surgery"], "request_limit": 5}
    (made,) = await create(world, item)
    answer = await world.post("profiles/duplicate", {"target_profile_id": made["profile_id"]})
    assert answer["success"]
    copy = await row(world, answer["profile_id"])
    assert (copy.name, copy.role, copy.requests_per_day) == ("Ann (copy)", "member", 5)
    assert (copy.department_ids, copy.emails) == ([surgery], [])
    missing = await world.as_().post("/api/v5/artifacts/profiles/duplicate", json={"target_profile_id": str(uuid4())})
    assert missing.status_code == 404


async def test_somebody_with_a_login_takes_over_the_profile_made_for_them(world):
    item = {"name": "Dr Ann", "email": "Ann@example.org", "role": "instructor"}
    (made,) = await create(world, item)
    unverified = await world.person("Ann")
    assert str(unverified.id) != made["profile_id"]
    ann = await world.person("Ann", **{"email-verified": True, "tz": "Asia/Tokyo", "tz-explicit": True})
    assert (str(ann.id), ann.name, ann.role, ann.timezone) == (made["profile_id"], "Dr Ann", "instructor", "Asia/Tokyo")
