"""Staff whom an organization's directory takes out, as identity announces them."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from contracts.identity import MemberProvisioned, MemberRemoved
from contracts.orgs import OrganizationUserAdded, OrganizationUserRemoved
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
def hear(app, session, neighbours):
    """Lets the service hear of what a directory says."""

    async def handle(event: MemberProvisioned | MemberRemoved) -> None:
        runtime = app.state.runtime
        async with runtime.sessions.begin() as opened:
            await consumers.table(runtime)[type(event)](opened, event, META)

    return handle


async def test_who_is_taken_out_leaves_the_organization_and_its_groups(world: World, hear, outbox) -> None:
    organization, user = await world.organization(), world.neighbours.user()
    group = await world.group(organization)
    place = {"user_id": user, "organization_id": organization, "source": "scim"}
    await hear(MemberProvisioned(**place, group_ids=(group,)))
    for _ in range(2):
        await hear(MemberRemoved(**place))
    left = [event for event in await outbox() if isinstance(event, OrganizationUserRemoved)]
    assert [(event.organization_id, event.user_id) for event in left] == [(organization, user)]
    assert (await world.read_group(group, with_members=True))["members"] == []


async def test_the_last_administrator_stays_and_an_unknown_organization_is_none(world: World, hear, outbox) -> None:
    organization = await world.organization()
    admin = next(event.user_id for event in await added(outbox, organization))
    await hear(MemberRemoved(user_id=admin, organization_id=organization, source="scim"))
    await hear(MemberRemoved(user_id=admin, organization_id=uuid4(), source="scim"))
    assert not [event for event in await outbox() if isinstance(event, OrganizationUserRemoved)]


async def added(outbox, organization: UUID) -> list:
    events = [event for event in await outbox() if isinstance(event, OrganizationUserAdded)]
    return [event for event in events if event.organization_id == organization]
