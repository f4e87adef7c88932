"""GET /v1/authz-user-status/{id}."""

from datetime import UTC, datetime
from uuid import uuid4

from contracts import orgs


async def status(client, user):
    return await client.get(f"/v1/authz-user-status/{user}")


async def test_fresh_and_not(client, clinic, index):
    replica = index()
    caller = client.as_service("orgs")
    found = (await status(caller, clinic.leader)).json()["data"]
    assert (found["id"], found["type"]) == (str(clinic.leader), "authz-user-status")
    assert found["attributes"]["up-to-date"] is False

    async def latest():
        return dict.fromkeys(("identity", "orgs", "authz"), 0)

    replica.latest = latest
    assert (await status(caller, clinic.leader)).json()["data"]["attributes"]["up-to-date"] is True


async def test_the_newest_event_that_concerns_a_user(client, clinic, index):
    replica = index()
    caller = client.as_service("orgs")
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    moved = orgs.GroupMoved(group_id=clinic.room, organization_id=clinic.organization, parent_id=clinic.top)
    replica.apply("group", str(clinic.room), 3, moved, moment.timestamp())
    for user, expected in [(clinic.leader, "2026-05-01T00:00:00Z"), (clinic.stranger, None)]:
        found = (await status(caller, user)).json()["data"]["attributes"]
        assert found["latest-event-at"] == expected


async def test_who_may_ask(client, clinic):
    assert (await status(client.as_(user_id=clinic.leader), clinic.leader)).status_code == 200
    assert (await status(client.as_(user_id=clinic.leader), clinic.admin)).status_code == 403
    assert (await status(client.as_(user_id=clinic.admin), clinic.leader)).status_code == 200
    assert (await status(client.as_operator(), uuid4())).status_code == 404
    assert (await status(client.as_operator(), "nobody")).status_code == 404
