from uuid import uuid4

from contracts.artifacts import CohortsReported
from contracts.orgs import AggregationRequested, OrganizationUserAdded


async def test_in_how_many_cohorts_people_are_is_reported(world, outbox):
    user, individual, other = world.known("Pat"), uuid4(), uuid4()
    place = {"organization_id": world.organization, "user_id": user}
    await world.happen(OrganizationUserAdded(**place, account_type="patient", individual_id=individual))
    profile = await world.profile(user)
    for name in ("One", "Two"):
        await world.cohort(name, profile_ids=[str(profile.id)])
    asked = {"request_id": uuid4(), "individual_ids": (individual, other), "user_ids": (user, None)}
    columns = ("cohort-count", "completion", "last-login")
    await world.happen(*(AggregationRequested(**asked, column=column) for column in columns))
    reports = [event for event in await outbox() if isinstance(event, CohortsReported)]
    assert [(one.column, one.values) for one in reports] == [("cohort-count", (2.0, 0.0)), ("completion", (0.0, None))]
    assert {one.request_id for one in reports} == {asked["request_id"]}
