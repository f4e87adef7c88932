"""`/v1/url-shorteners/` and `/s/{code}`."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from contracts.notifications import UrlShortenerCreated, UrlShortenerDeleted, UrlShortenerUpdated
from kernel import now
from notifications.url_shorteners.counting import write
from notifications.url_shorteners.models import UrlShortener
from sqlalchemy import update

PATH = "/v1/url-shorteners/"


@pytest.fixture
def organization(neighbours) -> UUID:
    made = uuid4()
    neighbours.domains[str(made)] = "Clinic.example"
    return made


@pytest.fixture
def admin(client, neighbours, organization):
    user = uuid4()
    neighbours.admins.add(f"{user} organization:{organization}:write")
    return client.as_(user_id=user, organization_id=organization, roles=("org.admin",))


def new(organization: UUID, **attributes: str) -> dict:
    given = {"netloc": "app.clinic.example", "full-path": "/visits?a=1#top", "organization-id": str(organization)}
    return {"data": {"type": "url-shorteners", "attributes": given | attributes}}


def change(identifier: str, **attributes: str) -> dict:
    return {"data": {"type": "url-shorteners", "id": identifier, "attributes": attributes}}


async def made(admin, organization, **attributes):
    answer = await admin.post(PATH, json=new(organization, **attributes))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def test_a_short_address_leads_where_it_should_and_is_counted(admin, client, app, organization, outbox):
    row = await made(admin, organization)
    attributes = row["attributes"]
    assert len(attributes["code"]) == 8
    assert attributes["redirect-url"] == "https://app.clinic.example/visits?a=1#top"
    assert attributes["short-url"].endswith(f"/s/{attributes['code']}")
    for _ in range(3):
        answer = await client.get(f"/s/{attributes['code']}")
        assert (answer.status_code, answer.headers["location"]) == (302, attributes["redirect-url"])
        assert answer.headers["cache-control"] == "no-store"
    await write(app.state.runtime)
    await write(app.state.runtime)
    assert (await admin.get(f"{PATH}{row['id']}/")).json()["data"]["attributes"]["redirect-count"] == 3
    listed = (await admin.get(PATH, params={"code": attributes["code"]})).json()
    assert [one["id"] for one in listed["data"]] == [row["id"]]
    assert [type(event) for event in await outbox()] == [UrlShortenerCreated]


async def test_changes_and_removal(admin, client, organization, outbox):
    row = await made(admin, organization)
    answer = await admin.patch(
        f"{PATH}{row['id']}/", json=change(row["id"], **{"full-path": "/b", "netloc": "CLINIC.example"})
    )
    assert answer.json()["data"]["attributes"]["redirect-url"] == "https://clinic.example/b"
    code = row["attributes"]["code"]
    assert (await client.get(f"/s/{code}")).headers["location"] == "https://clinic.example/b"
    assert (await admin.delete(f"{PATH}{row['id']}/")).status_code == 204
    assert (await client.get(f"/s/{code}")).status_code == 404
    assert [type(event) for event in await outbox()] == [UrlShortenerCreated, UrlShortenerUpdated, UrlShortenerDeleted]


async def test_an_expired_code_leads_nowhere(admin, client, session, organization):
    row = await made(admin, organization)
    await session.execute(update(UrlShortener).values(expires_at=now() - timedelta(seconds=1)))
    assert (await client.get(f"/s/{row['attributes']['code']}")).status_code == 404


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("netloc", "evil.example"),
        ("netloc", "notclinic.example"),
        ("netloc", "clinic.example.evil.example"),
        ("netloc", "clinic.example:8080"),
        ("netloc", "me@clinic.example"),
        ("netloc", "clinic.example\n"),
        ("full-path", "//evil.example"),
        ("full-path", "/\\evil.example"),
        ("full-path", "/a\r\nset-cookie: a=b"),
        ("full-path", "evil"),
        ("full-path", "/" + "a" * 2048),
        ("expires-at", "2020-01-01T00:00:00Z"),
        ("expires-at", "2030-01-01T00:00:00"),
    ],
)
async def test_only_pages_of_the_organization(admin, organization, member, value):
    answer = await admin.post(PATH, json=new(organization, **{member: value}))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["pointer"] == f"/data/attributes/{member}"
    row = await made(admin, organization)
    assert (await admin.patch(f"{PATH}{row['id']}/", json=change(row["id"], **{member: value}))).status_code == 400


async def test_without_a_theme_no_host_is_owned(admin, organization, neighbours):
    neighbours.domains[str(organization)] = None
    assert (await admin.post(PATH, json=new(organization))).json()["errors"][0]["code"] == "foreign-host"


async def test_another_organizations_do_not_exist(admin, client, organization, neighbours):
    row = await made(admin, organization)
    user, other = uuid4(), uuid4()
    neighbours.admins.add(f"{user} organization:{other}:write")
    stranger = client.as_(user_id=user, organization_id=other, roles=("org.admin",))
    url = f"{PATH}{row['id']}/"
    assert (await stranger.get(url)).status_code == 404
    assert (await stranger.patch(url, json=change(row["id"]))).status_code == 404
    assert (await stranger.delete(url)).status_code == 404
    assert (await stranger.get(PATH)).json()["data"] == []
    member = client.as_(organization_id=organization, roles=("org.member",))
    assert (await member.get(url)).status_code == 403
    assert (await member.delete(url)).status_code == 403
