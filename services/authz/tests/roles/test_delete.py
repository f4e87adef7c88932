"""GET and DELETE /v1/roles/{id}, DELETE /v1/role-users/{id}."""

import asyncio
from uuid import uuid4

import pytest
from authz.access_grants.models import AccessGrant
from authz.roles import commands
from authz.roles.models import Role
from contracts.authz import AccessGrantDeleted, RoleDeleted, RoleUserRemoved
from contracts.permissions import ROLE_IDS, role_id
from kernel import uuid7


async def test_read(client, staffed):
    mine = client.as_(user_id=staffed.member, organization_id=staffed.organization)
    answer = await mine.get(f"/v1/roles/{staffed.members.id}")
    assert answer.status_code == 200
    assert answer.json()["data"]["attributes"]["name"] == "org.member"
    assert (await mine.get(f"/v1/roles/{ROLE_IDS['org.admin']}")).json()["data"]["id"] == str(staffed.admins.id)
    assert (await mine.get(f"/v1/roles/{staffed.other_admins.id}")).status_code == 404
    assert (await mine.get(f"/v1/roles/{uuid4()}")).status_code == 404
    assert (await mine.get("/v1/roles/nurse")).status_code == 404


async def test_deleted_with_its_grants_and_made_again(client, session, staffed, outbox):
    mine = client.as_(user_id=staffed.admin)
    role = await commands.ensure(session, staffed.organization, "nurse")
    grant = AccessGrant(
        organization_id=staffed.organization,
        subject_type="role",
        subject_id=role.id,
        resource_type="organization",
        resource_id=str(staffed.organization),
        operation="write",
    )
    session.add(grant)
    given = await commands.give(session, role, staffed.leader)
    url = f"/v1/roles/{role.id}"
    answer = await mine.delete(url)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "role-in-use")
    assert (await mine.delete(f"/v1/role-users/{given.number}")).status_code == 204
    assert isinstance((await outbox())[-1], RoleUserRemoved)
    assert (await mine.delete(f"/v1/role-users/{given.number}")).status_code == 404
    assert (await client.as_(user_id=staffed.stranger).delete(url)).status_code == 404
    assert (await client.as_(user_id=staffed.member).delete(url)).status_code == 403
    assert (await mine.delete(url)).status_code == 204
    assert (await mine.get(url)).status_code == 404
    told = (await outbox())[-2:]
    assert isinstance(told[0], AccessGrantDeleted)
    assert told[1] == RoleDeleted(role_id=role.id, name="nurse", organization_id=staffed.organization)
    again = await commands.ensure(session, staffed.organization, "nurse")
    assert again.id == role_id("nurse", staffed.organization)


async def test_the_platforms_own_roles_stay(client, staffed):
    operator = client.as_operator()
    for role in (staffed.members.id, staffed.admins.id, ROLE_IDS["system.support"]):
        answer = await operator.delete(f"/v1/roles/{role}")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "built-in-role")


async def test_the_last_administrator_stays(client, session, staffed):
    given = await commands.give(session, staffed.admins, staffed.admin)
    answer = await client.as_(user_id=staffed.admin).delete(f"/v1/role-users/{given.number}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "last-admin")


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "-1", "x"])
async def test_no_such_assignment(client, staffed, number):
    assert (await client.as_operator().delete(f"/v1/role-users/{number}")).status_code == 404


async def test_given_while_it_is_deleted(live):
    """Somebody has the role, or it is gone: never an assignment of a role that is no more, and never an error."""
    sessions = live.app.state.runtime.sessions

    async def give(place, user):
        async with sessions.begin() as session:
            role = await commands.ensure(session, place, "nurse")
            await asyncio.sleep(0)
            return (await commands.give(session, role, user)).role_id

    for _ in range(5):
        place = uuid7()
        async with sessions.begin() as session:
            await commands.ensure(session, place, "nurse")
        deleting = live.as_operator().delete(f"/v1/roles/{role_id('nurse', place)}")
        status, role = await asyncio.gather(deleting, give(place, uuid7()))
        assert status.status_code in {204, 409}
        async with sessions.begin() as session:
            assert await session.get(Role, role) is not None
