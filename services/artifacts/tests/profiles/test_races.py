"""Events of different aggregates at the same moment, in transactions of their own."""

from uuid import UUID, uuid4

import msgspec
import pytest
from artifacts import consumers
from artifacts.profiles.models import Profile
from contracts.identity import UserConfirmed, UserDisabled
from contracts.orgs import GroupCreated, GroupPeopleChanged, OrganizationUserAdded
from kernel import now
from messaging import Meta
from sqlalchemy import select
from testkit.races import race

META = Meta(
    event_id=uuid4(), occurred_at=now(), aggregate_version=1, stream="EVT", sequence=1, tenant_id=None, traceparent=None
)


@pytest.fixture
def streams(live, app, identity):
    """Handles an event in a transaction of its own, as the streams' readers do."""
    runtime = live.app.state.runtime
    url = app.state.runtime.settings.identity_url
    runtime.settings = msgspec.structs.replace(runtime.settings, identity_url=url)
    table = consumers.table(runtime)

    async def happen(event) -> None:
        async with runtime.sessions.begin() as session:
            await table[type(event)](session, event, META)

    return happen


async def profiles(live, user: UUID) -> list[Profile]:
    async with live.app.state.runtime.sessions() as session:
        return list(await session.scalars(select(Profile).where(Profile.user_id == user)))


def known(identity) -> UUID:
    user = uuid4()
    identity.users[str(user)] = {"first-name": "Ann", "enabled": True}
    return user


async def test_many_events_about_one_person_make_one_profile(live, streams, identity):
    user, organization = known(identity), uuid4()
    confirmed = UserConfirmed(user_id=user, account_type="patient", organization_id=organization)
    added = OrganizationUserAdded(organization_id=organization, user_id=user, account_type="patient")
    await race(lambda index: streams(added if index % 2 else confirmed))
    assert len(await profiles(live, user)) == 1


async def test_a_profile_and_its_group_at_once(live, streams, identity):
    organization, group = uuid4(), uuid4()
    facts = {"group_id": group, "organization_id": organization}
    await streams(GroupCreated(**facts, parent_id=None, name="G", node_type="division", type="regular"))
    users = [known(identity) for _ in range(8)]
    events = [
        event
        for user in users
        for event in (
            OrganizationUserAdded(organization_id=organization, user_id=user, account_type="provider"),
            GroupPeopleChanged(**facts, kind="member", added=(user,)),
        )
    ]
    await race(lambda index: streams(events[index]))
    for user in users:
        (profile,) = await profiles(live, user)
        assert profile.department_ids == [group]


async def test_disabled_while_the_profile_is_made(live, streams, identity):
    """Identity says disabled before it announces it; whichever comes first, the profile ends disabled."""
    organization = uuid4()
    users = [known(identity) for _ in range(8)]

    async def act(index: int) -> None:
        user = users[index // 2]
        if index % 2:
            identity.users[str(user)]["enabled"] = False
            await streams(UserDisabled(user_id=user, ended_at=now()))
        else:
            await streams(OrganizationUserAdded(organization_id=organization, user_id=user, account_type="patient"))

    await race(act)
    for user in users:
        (profile,) = await profiles(live, user)
        assert not profile.is_active
