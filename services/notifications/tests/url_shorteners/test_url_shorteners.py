"""`/v1/url-shorteners/` and `/s/{code}`."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from contracts.notifications import UrlShortenerCreated, UrlShortenerDeleted, UrlShortenerUpdated
from database import Rows
from kernel import now
from notifications.url_shorteners.counting import write
from notifications.url_shorteners.models import UrlShortener
from sqlalchemy import update
from testkit.servers import free_port

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


async def test_many_who_follow_at_once_are_each_led_where_they_should(admin, client, organization, monkeypatch, app):
    rows = [(await made(admin, organization, **{"full-path": f"/{number}"}))["attributes"] for number in range(5)]
    looks, runtime = [], app.state.runtime
    monkeypatch.setattr(runtime, "row", counted(runtime.row, looks))
    asked = [row["code"] for row in rows * 8] + ["unknwn22", "short", "with\0nul", "' OR 1=1", "0OIl1abc"]
    answers = await asyncio.gather(*(client.get(f"/s/{quote(code)}") for code in asked))
    assert [answer.headers.get("location") for answer in answers[:40]] == [row["redirect-url"] for row in rows * 8]
    assert [answer.status_code for answer in answers[40:]] == [404] * 5
    assert len(looks) < 10
    assert not any("nul" in code for look in looks for code in look)


async def test_who_goes_away_leaves_the_others_their_answer(admin, client, organization):
    code = (await made(admin, organization))["attributes"]["code"]
    asked = [asyncio.create_task(client.get(f"/s/{code}")) for _ in range(6)]
    await asyncio.sleep(0)
    for one in asked[::2]:
        one.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    assert [one.result().status_code for one in asked[1::2]] == [302] * 3
    assert (await client.get(f"/s/{code}")).status_code == 302


async def test_without_its_database_each_is_told(app, client, monkeypatch):
    away = Rows(f"postgresql://postgres@127.0.0.1:{free_port()}/postgres", "away")
    monkeypatch.setattr(app.state.runtime, "row", away)
    answers = await asyncio.gather(*(client.get("/s/abcd2345") for _ in range(4)))
    assert [(answer.status_code, "retry-after" in answer.headers) for answer in answers] == [(503, True)] * 4


def counted(rows: Any, looks: list[list[str]]) -> Any:
    """The same reads; of each that is for several rows, the values are kept."""

    async def look(statement: str, *values: Any) -> Any:
        looks.append(values[0])
        return await rows.all(statement, *values)

    return SimpleNamespace(all=look)


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
