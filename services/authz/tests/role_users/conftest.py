"""Rows for tests of roles."""

import pytest_asyncio
from authz.base_facts.models import Organization, User
from authz.roles import commands
from clinic import Clinic


@pytest_asyncio.fixture
async def staffed(session):
    """The clinic and the other organization with their built-in roles, admins and a member."""
    made = Clinic()
    for place, name in ((made.organization, "clinic"), (made.other, "other")):
        session.add(Organization(id=place, known=True, name=name, display_name=name.title()))
    session.add_all([User(id=user, known=True) for user in (made.admin, made.member, made.leader, made.stranger)])
    await session.flush()
    made.admins = await commands.ensure(session, made.organization, "org.admin")
    made.members = await commands.ensure(session, made.organization, "org.member")
    made.other_admins = await commands.ensure(session, made.other, "org.admin")
    await commands.give(session, made.admins, made.admin)
    await commands.give(session, made.members, made.member)
    await commands.give(session, made.other_admins, made.stranger)
    return made
