"""Listing, changing and taking back grants."""

from datetime import timedelta

from authz.access_grants.models import AccessGrant
from authz.access_grants.upkeep import sweep
from contracts.authz import AccessGrantDeleted, AccessGrantUpdated
from kernel import now, uuid7

URL = "/v1/access-grants/"


async def made(client, clinic, body, **changes):
    answer = await client.as_(user_id=clinic.admin).post(URL, json=body(clinic, **changes))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["id"]


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


async def test_listed_and_filtered(client, session, ward, body):
    first = await made(client, ward, body)
    second = await made(client, ward, body, subject_type="group", subject_id=ward.ward, operation="write")
    over = AccessGrant(
        organization_id=ward.organization,
        subject_type="user",
        subject_id=ward.member,
        resource_type="app.chart",
        resource_id="one",
        operation="view",
        expires_at=now() - timedelta(hours=1),
    )
    session.add(over)
    await session.flush()
    mine = client.as_(user_id=ward.admin)
    everything = [first, second, str(over.id)]
    for parameters, found in [
        ({}, everything),
        ({"organization-id": str(ward.organization)}, everything),
        ({"filter[subject-type]": "group"}, [second]),
        ({"filter[subject-id]": str(ward.member)}, [first, str(over.id)]),
        ({"filter[resource-type]": "group", "filter[resource-id]": str(ward.room).upper()}, [first, second]),
        ({"filter[operation]": "write"}, [second]),
        ({"filter[expired]": "true"}, [str(over.id)]),
        ({"filter[expired]": "false"}, [first, second]),
        ({"page[limit]": "1", "page[offset]": "1"}, [second]),
        ({"page[offset]": "9"}, []),
    ]:
        assert ids(await mine.get(URL, params=parameters)) == found, parameters
    assert ids(await client.as_(user_id=ward.stranger).get(URL)) == []
    assert ids(await client.as_(user_id=ward.member).get(URL)) == []
    assert set(everything) <= set(ids(await client.as_service("orgs").get(URL)))
    elsewhere = {"organization-id": str(ward.organization)}
    assert (await client.as_(user_id=ward.stranger).get(URL, params=elsewhere)).status_code == 404
    assert (await mine.get(URL, params={"filter[resource-type]": "planet"})).status_code == 400


async def test_changed(client, ward, body, outbox):
    identifier = await made(client, ward, body, condition="context.a == 1")
    mine = client.as_(user_id=ward.admin)

    async def change(**attributes):
        content = {"data": {"type": "access-grants", "id": identifier, "attributes": attributes}}
        return await mine.patch(f"{URL}{identifier}", json=content)

    answer = await change(**{"expires-at": "2120-01-01T00:00:00Z", "condition": None})
    assert answer.status_code == 200
    assert answer.json()["data"]["attributes"]["expires-at"] == "2120-01-01T00:00:00Z"
    assert answer.json()["data"]["attributes"]["condition"] is None
    events = await outbox()
    assert isinstance(events[-1], AccessGrantUpdated)
    assert events[-1].condition is None
    assert (await change(**{"expires-at": "2120-01-01T00:00:00Z"})).status_code == 200
    assert len(await outbox()) == len(events)
    for attributes in ({"condition": "1 +"}, {"expires-at": "2020-01-01T00:00:00Z"}, {"operation": "write"}):
        assert (await change(**attributes)).status_code == 400
    content = {"data": {"type": "access-grants", "id": str(uuid7()), "attributes": {}}}
    assert (await mine.patch(f"{URL}{identifier}", json=content)).status_code == 400


async def test_taken_back(client, ward, body, outbox, index):
    identifier = await made(client, ward, body)
    replica = index()
    replica.apply("access_grant", identifier, 1, (await outbox())[-1])
    assert (await client.as_(user_id=ward.stranger).delete(f"{URL}{identifier}")).status_code == 404
    mine = client.as_(user_id=ward.admin)
    assert (await mine.delete(f"{URL}{identifier}")).status_code == 204
    assert (await mine.delete(f"{URL}{identifier}")).status_code == 404
    assert (await mine.get(f"{URL}{identifier}")).status_code == 404
    assert (await mine.get(f"{URL}{uuid7()}")).status_code == 404
    gone = (await outbox())[-1]
    assert isinstance(gone, AccessGrantDeleted)
    replica.apply("access_grant", identifier, 2, gone)
    assert replica.facts.grants.none


async def test_long_expired_ones_are_swept(app, session, ward, outbox):
    kept = []
    for days in (40, 5, -5):
        grant = AccessGrant(
            organization_id=ward.organization,
            subject_type="user",
            subject_id=ward.member,
            resource_type="app.chart",
            resource_id="one",
            operation="view",
            expires_at=now() - timedelta(days=days),
        )
        session.add(grant)
        await session.flush()
        kept.append(grant.id)
    before = len(await outbox())
    assert await sweep(app.state.runtime) == 1
    assert [event.access_grant_id for event in (await outbox())[before:]] == kept[:1]
