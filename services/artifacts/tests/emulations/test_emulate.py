"""Acting as others: three deep and back, and what ends a chain."""

from datetime import timedelta
from uuid import uuid4

import pytest
from artifacts.emulations.models import Emulation
from artifacts.profiles.models import ProfileActivity
from contracts.artifacts import EmulationEnded, EmulationStarted
from kernel import now
from sqlalchemy import select, update
from testkit.principals import key_token

EMULATE = "/api/v5/artifacts/profiles/emulate"
UNEMULATE = "/api/v5/artifacts/profiles/unemulate"


@pytest.fixture
async def house(world):
    """An administrator, an instructor and a member of one department, a participant, and the operator's session."""
    world.ann = await world.person("Ann", role="org.admin")
    world.ina, world.max = await world.person("Ina"), await world.person("Max")
    world.ina.assigned_role = world.ina.role = "instructor"
    world.pat = await world.person("Pat", role=None)
    world.surgery = await world.department("Surgery", world.ina, world.max)
    world.sid, world.root = uuid4(), uuid4()
    world.operator = world.client.as_(
        user_id=world.root, organization_id=world.organization, roles=("system.admin",), session_id=world.sid
    )
    await world.session.flush()
    return world


def signed_in(world, profile, *roles, **claims):
    return world.client.as_(user_id=profile.user_id, organization_id=world.organization, roles=roles, **claims)


async def emulate(world, caller, target, **body):
    return await world.post("profiles/emulate", {"target_profile_id": str(target.id), **body}, caller)


async def who(world, caller):
    body = await world.post("profiles/context", {}, caller)
    return body["name"], body["role"], body["emulation_depth"], body["is_emulation"]


async def expire(world, depth):
    past = now() - timedelta(seconds=1)
    await world.session.execute(update(Emulation).where(Emulation.depth == depth).values(expires_at=past))


async def test_three_deep_and_back(house, outbox):
    for target in (house.ann, house.ina, house.max):
        answer = await emulate(house, house.operator, target)
        assert answer["allowed"], answer
        assert answer["reason"] is None
    assert await who(house, house.operator) == ("Max Doe", "member", 3, True)
    assert (await house.operator.post("/api/v5/artifacts/cohorts/create", json={"cohorts": []})).status_code == 403
    for name, role, depth in (("Ina Doe", "instructor", 2), ("Ann Doe", "admin", 1), (None, "superadmin", 0)):
        assert await house.post("profiles/unemulate", {}, house.operator) == {"ok": True, "reason": None}
        assert await who(house, house.operator) == (name, role, depth, depth > 0)
    last = await house.post("profiles/unemulate", {}, house.operator)
    assert (last["ok"], last["reason"]) == (False, "You act as nobody else.")
    started = [event for event in await outbox() if isinstance(event, EmulationStarted)]
    assert started[-1].profile_ids == (house.ann.id, house.ina.id, house.max.id)
    assert {event.user_id for event in started} == {house.root}
    assert sum(isinstance(event, EmulationEnded) for event in await outbox()) == 3


async def test_every_dialect_resolves_to_the_target(house):
    await emulate(house, house.operator, house.pat)
    for path in ("/api/projects/41/cohorts/", "/api/v1/learning/cohorts"):
        assert (await house.operator.get(path)).status_code == 403
    found = await house.post("profiles/search", {}, house.operator)
    assert [profile["name"] for profile in found["profiles"]] == ["Pat Doe"]


async def test_what_is_written_names_all_people(house):
    await emulate(house, house.operator, house.ann)
    await emulate(house, house.operator, house.ina)
    made = await house.post("profiles/create", {"profiles": [{"name": "New"}]}, house.operator)
    assert made["results"][0]["success"], made
    line = (await house.session.scalars(select(ProfileActivity).where(ProfileActivity.activity == "created"))).one()
    assert (line.user_id, line.actor) == (house.root, str(house.root))
    assert line.emulated == [house.ann.id, house.ina.id]


async def test_only_this_session_acts(house):
    await emulate(house, house.operator, house.ann)
    other = house.client.as_(user_id=house.root, organization_id=house.organization, roles=("system.admin",))
    assert await who(house, other) == (None, "superadmin", 0, False)


async def test_the_usual_and_the_asked_time(house):
    answer = await emulate(house, house.operator, house.ann, ttl_minutes=5)
    assert "Z" in answer["expires_at"]
    rows = list(await house.session.scalars(select(Emulation)))
    assert timedelta(minutes=4) < rows[0].expires_at - now() <= timedelta(minutes=5)
    await emulate(house, house.operator, house.ina)
    inner = (await house.session.scalars(select(Emulation).where(Emulation.depth == 2))).one()
    assert inner.expires_at == rows[0].expires_at  # never longer than the one around it
    await house.post("profiles/unemulate", {}, house.operator)
    await house.post("profiles/unemulate", {}, house.operator)
    await emulate(house, house.operator, house.ann)
    usual = (await house.session.scalars(select(Emulation).where(Emulation.ended_at.is_(None)))).one()
    assert timedelta(minutes=119) < usual.expires_at - now() <= timedelta(minutes=120)


async def test_an_expired_grant_in_the_middle_ends_what_lies_within(house):
    for target in (house.ann, house.ina, house.max):
        await emulate(house, house.operator, target)
    await expire(house, 2)
    assert await who(house, house.operator) == ("Ann Doe", "admin", 1, True)
    answer = await emulate(house, house.operator, house.pat)
    assert answer["allowed"]
    assert await who(house, house.operator) == ("Pat Doe", "guest", 2, True)
    assert (await house.post("profiles/unemulate", {}, house.operator))["ok"]
    assert await who(house, house.operator) == ("Ann Doe", "admin", 1, True)
    await expire(house, 1)
    assert not (await house.post("profiles/unemulate", {}, house.operator))["ok"]


async def test_rings_and_depth_are_refused(house):
    ann = signed_in(house, house.ann, "org.admin", session_id=uuid4())
    assert "your own" in (await emulate(house, ann, house.ann))["reason"]
    assert (await emulate(house, ann, house.ina))["allowed"]
    for target in (house.ann, house.ina):  # back to the beginning, and to oneself
        answer = await emulate(house, ann, target)
        assert (answer["allowed"], answer["grant_id"]) == (False, None)
        assert "act as this profile already" in answer["reason"]
    for target in (house.ann, house.ina, house.max):
        await emulate(house, house.operator, target)
    assert "three" in (await emulate(house, house.operator, house.pat))["reason"]


async def test_only_roles_below_and_within_scope(house):
    bea = await house.person("Bea", role="org.admin")
    ann = signed_in(house, house.ann, "org.admin")
    assert "below" in (await emulate(house, ann, bea))["reason"]
    ina = signed_in(house, house.ina, "org.member")
    assert "departments" in (await emulate(house, ina, house.pat))["reason"]
    assert (await emulate(house, ina, house.max))["allowed"]
    mia = signed_in(house, house.max, "org.member")
    assert "nobody else" in (await emulate(house, mia, house.pat))["reason"]
    theirs = await house.person("Eve", role=None, organization=house.elsewhere)
    for missing in (str(theirs.id), str(uuid4())):
        answer = await ann.post(EMULATE, json={"target_profile_id": missing})
        assert answer.status_code == 404


async def test_a_target_that_is_switched_off_or_raised_counts_no_more(house):
    ann = signed_in(house, house.ann, "org.admin", session_id=uuid4())
    await emulate(house, ann, house.max)
    house.max.is_in_use = False
    await house.session.flush()
    assert (await who(house, ann))[0] == "Ann Doe"
    house.max.is_in_use, house.max.role = True, "admin"
    await house.session.flush()
    assert (await who(house, ann))[0] == "Ann Doe"
    house.max.role = "member"
    await house.session.flush()
    assert (await who(house, ann))[0] == "Max Doe"


async def test_who_loses_their_own_role_acts_as_nobody(house):
    sid = uuid4()
    await emulate(house, signed_in(house, house.ann, "org.admin", session_id=sid), house.ina)
    fallen = signed_in(house, house.ann, "org.member", session_id=sid)
    assert (await who(house, fallen))[:2] == ("Ann Doe", "member")


async def test_never_by_a_key_or_in_another_persons_name(house):
    key = house.client.with_token(
        key_token(organization_id=house.organization, scopes=("person:read", "person:write", "cohort:write"))
    )
    act = {"sub": str(uuid4()), "sid": str(uuid4())}
    acting = signed_in(house, house.ann, "org.admin", act=act)
    for caller in (key, acting):
        for path in (EMULATE, UNEMULATE):
            answer = await caller.post(path, json={"target_profile_id": str(house.max.id)})
            assert answer.status_code == 403


@pytest.mark.parametrize("body", [{}, {"ttl_minutes": 0}, {"ttl_minutes": 481}, {"other": 1}, {"ttl_minutes": "5"}])
async def test_bad_bodies(house, body):
    known = {"target_profile_id": str(house.max.id)} if body else {}
    assert (await house.operator.post(EMULATE, json=known | body)).status_code == 400
