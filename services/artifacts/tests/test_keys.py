"""What a key that acts as somebody may do: its scopes, and never more than that person."""

import pytest
from testkit.principals import key_token

WRITES = ("cohort:read", "cohort:write")


@pytest.mark.parametrize(
    ("role", "scopes", "read", "write"),
    [
        ("org.admin", WRITES, 200, 200),
        ("org.admin", ("cohort:read",), 200, 403),
        ("org.member", WRITES, 200, 403),
        ("", WRITES, 403, 403),
        ("system.admin", ("person:read",), 403, 403),
    ],
)
async def test_a_key_never_goes_beyond_whom_it_acts_as(world, role, scopes, read, write):
    person = await world.person("Ina", role=role or None)
    person.account_type = "provider" if role else "patient"
    await world.session.flush()
    token = key_token(organization_id=world.organization, scopes=scopes, user_id=person.user_id, roles=[role])
    machine = world.client.with_token(token)
    assert (await machine.post("/api/v5/artifacts/cohorts/search", json={})).status_code == read
    made = await machine.post("/api/v5/artifacts/cohorts/create", json={"cohorts": [{"name": "By a key"}]})
    assert made.status_code == write, made.text


async def test_a_key_of_an_instructor_who_was_made_one_here(world):
    person = await world.person("Ina", role="org.member")
    person.assigned_role = "instructor"
    await world.session.flush()
    values = {"organization_id": world.organization, "user_id": person.user_id, "roles": ["org.member"]}
    machine = world.client.with_token(key_token(scopes=WRITES, **values))
    made = await machine.post("/api/v5/artifacts/cohorts/create", json={"cohorts": [{"name": "By a key"}]})
    assert made.json()["results"][0]["success"]
    assert (await machine.post("/api/v5/artifacts/profiles/emulate", json={})).status_code == 403
    assert (await machine.get(f"/api/projects/{world.elsewhere}/cohorts/")).status_code == 404
