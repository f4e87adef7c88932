"""An organization that has an administrator keeps one, whoever is removed where and when."""

from authz.base_facts.models import User
from authz.roles import commands
from authz.roles.models import RoleUser
from contracts.authz import RoleUserAdded, RoleUserRemoved
from kernel import uuid7
from sqlalchemy import select
from testkit.races import race


async def admins(session, role):
    return set((await session.scalars(select(RoleUser.user_id).where(RoleUser.role_id == role.id))).all())


async def test_the_last_one_taken_out_by_orgs_keeps_the_role(session, staffed, outbox):
    before = len(await outbox())
    await commands.give(session, staffed.members, staffed.admin)
    await commands.take_all(session, staffed.organization, staffed.admin)
    assert await admins(session, staffed.admins) == {staffed.admin}
    assert await admins(session, staffed.members) == {staffed.member}
    told = {type(event): event for event in (await outbox())[before + 1 :]}
    assert told[RoleUserAdded].role_id == staffed.admins.id
    assert told[RoleUserRemoved].role_id == staffed.members.id


async def test_one_of_two_loses_it(session, staffed):
    await commands.give(session, staffed.admins, staffed.leader)
    await commands.take_all(session, staffed.organization, staffed.admin)
    assert await admins(session, staffed.admins) == {staffed.leader}


async def test_a_disabled_user_is_no_administrator_to_keep(session, staffed):
    (await session.get(User, staffed.admin)).disabled = True
    await session.flush()
    await commands.take_all(session, staffed.organization, staffed.admin)
    assert await admins(session, staffed.admins) == set()


async def test_one_is_taken_out_there_and_one_here_at_once(live):
    """orgs has let the one go, who is not the last by its copy; the other loses the role here. One of them stays."""
    sessions = live.app.state.runtime.sessions
    for _ in range(4):
        place, first, second = uuid7(), uuid7(), uuid7()
        async with sessions.begin() as session:
            role = await commands.ensure(session, place, "org.admin")
            for user in (first, second):
                await commands.give(session, role, user)

        async def removal(number, place=place, role=role, first=first, second=second):
            if number % 2:
                async with sessions.begin() as session:
                    await commands.take_all(session, place, first)
                return 0
            person = {"data": {"type": "roles", "attributes": {"user-id": str(second)}}}
            return (await live.as_operator().post(f"/v1/roles/{role.id}/remove-user", json=person)).status_code

        await race(removal, 2)
        async with sessions.begin() as session:
            assert len(await admins(session, role)) == 1
