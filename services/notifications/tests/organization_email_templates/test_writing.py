"""Writing, reading, changing and removing mail templates."""

from uuid import uuid4

import pytest
from contracts.notifications import TemplateChanged
from notifications.organizations.models import Organization
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from templates_world import PATHS, Author, change

PATH = PATHS["email"]


@pytest.fixture
def author(client, neighbours):
    return Author(client, neighbours)


async def test_a_template_is_written_read_changed_and_removed(author, outbox):
    made = await author.write(support_email="help@care.example", support_email_title="Care")
    assert made["attributes"]["version"] == 1
    assert made["attributes"]["theme-id"] is None
    changed = await author.client.patch(f"{PATH}{made['id']}/", json=change(made, subject="Welcome"))
    assert changed.status_code == 200, changed.text
    assert (changed.json()["data"]["attributes"]["subject"], changed.json()["data"]["attributes"]["version"]) == (
        "Welcome",
        2,
    )
    same = await author.client.patch(f"{PATH}{made['id']}/", json=change(made, subject="Welcome"))
    assert same.json()["data"]["attributes"]["version"] == 2
    read = await author.client.get(f"{PATH}{made['id']}/")
    assert read.json()["data"]["attributes"]["template"] == "<p>{{ code }}</p>"
    versions = (await author.client.get(f"{PATH}{made['id']}/versions/")).json()["data"]
    assert [row["attributes"]["subject"] for row in versions] == ["Welcome", "Hello {{ first_name }}"]
    assert (await author.client.delete(f"{PATH}{made['id']}/")).status_code == 204
    assert (await author.client.get(f"{PATH}{made['id']}/")).status_code == 404
    told = [event for event in await outbox() if isinstance(event, TemplateChanged)]
    assert [(event.version, event.removed) for event in told] == [(1, False), (2, False), (2, True)]


async def test_a_version_never_changes(author, session):
    await author.write()
    with pytest.raises(DBAPIError, match="never changes"):
        async with session.begin_nested():
            await session.execute(text("UPDATE template_versions SET subject = 'x'"))


async def test_one_template_a_place(author):
    first = await author.write()
    again = await author.client.post(PATH, json=author.body())
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "template-exists")
    other = await author.write(format="txt", template="{{ code }}")
    moved = await author.client.patch(f"{PATH}{other['id']}/", json=change(other, format="html"))
    assert moved.status_code == 409
    assert first["id"] != other["id"]


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("<p>\n\n{{ nobody }}</p>", 3),
        ("{% for x in range(9999999) %}{{ x }}{% endfor %}", 1),
        ("\n{{ code.__class__ }}", 2),
        ("\n\n{{ code['__class__'] }}", 3),
        ("a\n{% if %}", 2),
        ("{{ code", 1),
        ("{{ code | urlize }}", 1),
        ("{% include 'x' %}", 1),
        ("x\n{% for a in code %}{% for b in code %}{% for c in code %}{% endfor %}{% endfor %}{% endfor %}", 2),
        ("x\n{{ code.missing }}", 2),
    ],
)
async def test_a_bad_template_is_refused_with_its_line(author, template, line):
    answer = await author.client.post(PATH, json=author.body(template=template))
    assert answer.status_code == 400, answer.text
    (error,) = answer.json()["errors"]
    assert (error["source"]["pointer"], error["code"]) == ("/data/attributes/template", "bad-template")
    assert error["meta"]["line"] == line
    made = await author.write()
    assert (await author.client.patch(f"{PATH}{made['id']}/", json=change(made, template=template))).status_code == 400


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"subject": "Hi\r\nBcc: all@example.org"}, "subject"),
        ({"subject": "{{ secret }}"}, "subject"),
        ({"support_email": "a@b.example\r\nBcc: x@y.example"}, "support-email"),
        ({"support_email": "a..b@c.example"}, "support-email"),
        ({"type": "no-such-type"}, "type"),
        ({"locale": "xx_XX"}, "locale"),
        ({"format": "pdf"}, "format"),
        ({"template": ""}, "template"),
        ({"template": "x" * 131_073}, "template"),
        ({"template": "<style>" + "p{color:red}" * 501 + "</style>"}, "template"),
        ({"template": "\x00"}, "template"),
        ({"theme_id": str(uuid4())}, "organization-id"),
        ({"organization_id": None}, "organization-id"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_bad_attributes_are_named(author, attributes, pointer):
    answer = await author.client.post(PATH, json=author.body(**attributes))
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["source"]["pointer"] == f"/data/attributes/{pointer}"


async def test_filters_and_pages(author):
    await author.write()
    await author.write(format="txt", template="{{ code }}")
    await author.write(type="onboarding", locale="es_US")
    found = lambda **query: author.client.get(PATH, params=query)  # noqa: E731
    assert (await found()).json()["meta"]["page[total]"] == 3
    for name, value, count in (
        ("filter[format]", "txt", 1),
        ("filter[locale]", "es_US", 1),
        ("filter[type]", "verify-email", 2),
        ("organization-id", str(author.organization), 3),
    ):
        assert (await found(**{name: value})).json()["meta"]["page[total]"] == count
    assert len((await found(**{"page[limit]": 2})).json()["data"]) == 2
    assert (await found(**{"filter[type]": "x"})).status_code == 400


async def test_others_have_nothing_to_do_with_it(author, client, neighbours):
    made = await author.write()
    stranger = Author(client, neighbours)
    one = f"{PATH}{made['id']}/"
    assert (await stranger.client.get(one)).status_code == 404
    assert (await stranger.client.patch(one, json=change(made, subject="x"))).status_code == 404
    assert (await stranger.client.delete(one)).status_code == 404
    assert (await stranger.client.post(f"{one}send-test/")).status_code == 404
    assert (await stranger.client.get(PATH, params={"organization-id": str(author.organization)})).status_code == 404
    assert (await stranger.client.post(PATH, json=author.body())).status_code == 404
    assert (await stranger.client.get(PATH)).json()["data"] == []
    member = client.as_(organization_id=author.organization, roles=("org.member",))
    assert (await member.get(one)).status_code == 403
    assert (await member.delete(one)).status_code == 403
    support = client.as_(roles=("system.support",))
    assert (await support.get(one)).status_code == 200
    assert (await support.delete(one)).status_code == 404


async def test_a_themes_templates_are_the_operators(author, client, session):
    theme = uuid4()
    session.add(Organization(id=author.organization, display_name="Care", theme_id=theme))
    await session.flush()
    body = author.body(theme_id=str(theme), organization_id=None)
    assert (await author.client.post(PATH, json=body)).status_code == 403
    made = (await client.as_operator().post(PATH, json=body)).json()["data"]
    one = f"{PATH}{made['id']}/"
    assert (await author.client.get(one)).status_code == 200
    assert (await author.client.delete(one)).status_code == 403
    listed = await author.client.get(PATH, params={"theme-id": str(theme)})
    assert [row["id"] for row in listed.json()["data"]] == [made["id"]]
    assert (await author.client.get(PATH, params={"theme-id": str(uuid4())})).status_code == 404


async def test_a_preview_shows_what_would_be_sent(author):
    body = author.body(
        template="<style>p { color: red }</style><p>Dear {{ first_name }}</p><p><a href='https://x.example'>go</a></p>"
    )
    attributes = body["data"]["attributes"] | {"variables": {"first_name": "<b>Eve</b>"}}
    attributes.pop("organization-id")
    document = {"data": {"type": "organization-email-template-previews", "attributes": attributes}}
    answer = await author.client.post(f"{PATH}preview/", json=document)
    assert answer.status_code == 201, answer.text
    shown = answer.json()["data"]["attributes"]
    assert shown["subject"] == "Hello <b>Eve</b>"
    assert 'color: red;">Dear' in shown["html"]
    assert "&lt;b&gt;Eve" in shown["html"]
    assert shown["text"].splitlines() == ["Dear <b>Eve</b>", "", "go (https://x.example)", "", "482913"]
    document["data"]["attributes"]["variables"] = {"nobody": "x"}
    refused = await author.client.post(f"{PATH}preview/", json=document)
    assert refused.json()["errors"][0]["source"]["pointer"] == "/data/attributes/variables/nobody"
