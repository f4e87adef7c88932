"""Staff whom an identity provider names, as identity announces them."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from contracts.identity import MemberProvisioned
from contracts.orgs import OrganizationUserAdded
from messaging import Meta
from orgs import consumers
from orgs_world import World

META = Meta(
    event_id=uuid4(),
    occurred_at=datetime.now(UTC),
    aggregate_version=1,
    stream="EVT_IDENTITY",
    sequence=1,
    tenant_id=None,
    traceparent=None,
)


@pytest.fixture
def provision(app, session, neighbours):
    """Lets the service hear of somebody who came through a provider."""

    async def handle(organization: UUID, user: UUID, **fields) -> None:
        event = MemberProvisioned(user_id=user, organization_id=organization, source="identity-provider", **fields)
        runtime = app.state.runtime
        async with runtime.sessions.begin() as opened:
            await consumers.table(runtime)[MemberProvisioned](opened, event, META)

    return handle


async def test_who_comes_through_a_provider_is_staff_and_in_its_groups(world: World, provision, outbox) -> None:
    organization, elsewhere = await world.organization(), await world.organization("Elsewhere")
    ours, other = await world.group(organization), await world.group(organization)
    foreign = await world.group(elsewhere)
    user = world.neighbours.user()
    for _ in range(2):
        await provision(organization, user, roles=("org.admin",), group_ids=(ours, foreign, uuid4()))
    added = [event for event in await outbox() if isinstance(event, OrganizationUserAdded) and event.user_id == user]
    assert [(event.account_type, event.role) for event in added] == [("provider", "org.admin")]
    assert [one["id"] for one in (await world.read_group(ours, with_members=True))["members"]] == [str(user)]
    assert (await world.read_group(foreign, with_members=True))["members"] == []
    await provision(organization, user, group_ids=(other,), left_group_ids=(ours,))
    assert (await world.read_group(ours, with_members=True))["members"] == []
    assert [one["id"] for one in (await world.read_group(other, with_members=True))["members"]] == [str(user)]


async def test_without_a_role_they_are_members(world: World, provision, outbox) -> None:
    organization, user = await world.organization(), world.neighbours.user()
    await provision(organization, user)
    await provision(uuid4(), user)
    added = [event for event in await outbox() if isinstance(event, OrganizationUserAdded) and event.user_id == user]
    assert [event.role for event in added] == ["org.member"]
