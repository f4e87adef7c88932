"""Requests of a profile are counted by the day of its time zone."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from artifacts.profiles import limits
from artifacts.profiles.models import Profile, ProfileRequests
from contracts.orgs import OrganizationUpdated
from kernel import TooManyRequests
from sqlalchemy import select

NOON = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "seconds"),
    [
        ("UTC", 12 * 3600),
        ("Asia/Tokyo", 3 * 3600),
        ("Europe/Berlin", 10 * 3600),
        ("No/Where", 12 * 3600),
        (None, 43200),
    ],
)
async def test_retry_after_lasts_until_the_day_ends(world, zone, seconds):
    ann = await world.person("Ann")
    await limits.count(world.session, ann.id, 2, zone, NOON)
    await limits.count(world.session, ann.id, 2, zone, NOON)
    with pytest.raises(TooManyRequests) as refused:
        await limits.count(world.session, ann.id, 2, zone, NOON)
    assert refused.value.retry_after == seconds
    tomorrow = datetime(2026, 3, 30, 16, 0, tzinfo=UTC)
    await limits.count(world.session, ann.id, 2, zone, tomorrow)


async def test_the_third_request_is_refused_in_every_dialect(world):
    ann = await world.person("Ann", role="org.admin")
    ann.requests_per_day = 2
    await world.session.flush()
    caller = world.as_("org.admin", user=ann.user_id)
    for path in ("profiles/get", "cohorts/export"):
        await world.post(path, {}, caller)
    refused = [
        await caller.post("/api/v5/artifacts/cohorts/search", json={}),
        await caller.get("/api/projects/41/cohorts/"),
        await caller.get("/api/v1/learning/cohorts"),
    ]
    assert [answer.status_code for answer in refused] == [429] * 3
    for answer in refused:
        assert 0 < int(answer.headers["retry-after"]) <= 86_400
    assert (await world.session.scalars(select(ProfileRequests.times))).all() == [2]
    assert (await world.as_().post("/api/v5/artifacts/profiles/search", json={})).status_code == 200


async def test_many_at_once_are_counted_one_by_one(live):
    """Searches run outside a transaction; each counts all the same."""
    organization, user = uuid4(), uuid4()
    async with live.app.state.runtime.sessions.begin() as session:
        values = {"account_type": "provider", "role": "member", "name": "Ann", "requests_per_day": 5}
        session.add(Profile(organization_id=organization, number=1, user_id=user, **values))
    caller = live.as_(user_id=user, organization_id=organization, roles=("org.member",))
    paths = ["/api/v5/artifacts/cohorts/search", "/api/v5/artifacts/profiles/context"] * 6
    answers = await asyncio.gather(*(caller.post(path, json={}) for path in paths))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 7


async def test_the_organizations_zone_counts_where_the_person_has_none(world):
    event = OrganizationUpdated(
        organization_id=world.organization, name="o", display_name="O", is_active=True, timezone="Pacific/Kiritimati"
    )
    await world.happen(event)
    ann = await world.person("Ann", role="org.admin")
    ann.requests_per_day = 5
    await world.session.flush()
    await world.post("profiles/get", {}, world.as_("org.admin", user=ann.user_id))
    day = (await world.session.scalars(select(ProfileRequests.day))).one()
    assert day == datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
