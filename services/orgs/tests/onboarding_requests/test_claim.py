"""An invitation that identity says was claimed, as it changes this service's rows."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from contracts.identity import OnboardingRequestClaimed
from contracts.orgs import IndividualRegistered, IndividualUpdated, OrganizationUserAdded
from messaging import Meta
from orgs import consumers
from orgs_world import World, ok

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
def claim(app, session, neighbours):
    """Lets the service hear of a claimed invitation."""

    async def handle(organization: UUID, user: UUID, **fields) -> None:
        event = OnboardingRequestClaimed(
            onboarding_request_id=uuid4(), organization_id=organization, user_id=user, **fields
        )
        runtime = app.state.runtime
        async with runtime.sessions.begin() as opened:
            await consumers.table(runtime)[OnboardingRequestClaimed](opened, event, META)

    return handle


async def test_a_provider_is_staff_with_a_role_and_a_member_of_the_groups(world: World, claim, outbox) -> None:
    organization = await world.organization()
    groups = [await world.group(organization), await world.group(organization, type="provider_only")]
    user = world.neighbours.user()
    fields = {"account_type": "provider", "roles": ("org.admin",), "invited_by": world.operator_id}
    for _ in range(2):
        await claim(organization, user, group_ids=(*groups, uuid4()), **fields)
    added = [event for event in await outbox() if isinstance(event, OrganizationUserAdded) and event.user_id == user]
    assert [(event.account_type, event.role) for event in added] == [("provider", "org.admin")]
    for group in groups:
        members = (await world.read_group(group, with_members=True))["members"]
        assert [member["id"] for member in members] == [str(user)]


async def test_a_participant_without_an_individual_gets_one_in_all_groups(world: World, claim, outbox) -> None:
    organization = await world.organization()
    groups = [await world.group(organization) for _ in range(2)]
    staff_only = await world.group(organization, type="provider_only")
    user, individual = world.neighbours.user(first_name="Ana"), uuid4()
    fields = {"account_type": "patient", "individual_id": individual}
    for _ in range(2):
        await claim(organization, user, group_ids=(*groups, staff_only), **fields)
    registered = [event for event in await outbox() if isinstance(event, IndividualRegistered)]
    assert [(event.individual_id, event.user_id) for event in registered] == [(individual, user)]
    assert [await world.people_of(group) for group in groups] == [{individual}, {individual}]
    kept = await world.kept(organization)
    assert await world.people_of(kept["unassigned"]) == set()
    assert await world.people_of(kept["all_participants"]) == {individual}


async def test_the_invited_individual_gets_its_login_and_keeps_what_the_organization_knows(
    world: World, claim, outbox
) -> None:
    organization = await world.organization()
    individual = await world.individual(organization, first_name="Ana", last_name="Ruiz")
    user = world.neighbours.user(first_name=None, last_name=None)
    await claim(organization, user, account_type="patient", individual_id=individual)
    events = [event for event in await outbox() if isinstance(event, IndividualUpdated)]
    assert [(event.individual_id, event.user_id) for event in events] == [(individual, user)]
    shown = ok(await world.as_(user).get(f"/v1/individuals/{individual}/"))["data"]["attributes"]
    assert (shown["first-name"], shown["user-id"], shown["registered"]) == ("Ana", str(user), True)


async def test_an_individual_of_somebody_else_is_left_alone(world: World, claim, outbox) -> None:
    organization = await world.organization()
    individual = await world.individual(organization)
    first, second = world.neighbours.user(), world.neighbours.user()
    for user in (first, second):
        await claim(organization, user, account_type="patient", individual_id=individual)
    added = [event for event in await outbox() if isinstance(event, OrganizationUserAdded)]
    assert [event.user_id for event in added if event.account_type == "patient"] == [first]
