"""Templates of short messages."""

import pytest
from templates_world import PATHS, Author, change

PATH = PATHS["sms"]


@pytest.fixture
def author(client, neighbours):
    return Author(client, neighbours)


async def test_a_template_is_written_read_changed_and_removed(author):
    made = await author.write("sms", template="{{ code }}\nis your code")
    one = f"{PATH}{made['id']}/"
    assert "subject" not in made["attributes"]
    changed = await author.client.patch(one, json=change(made, template="Code:\n{{ code }}", locale="es_US"))
    assert changed.json()["data"]["attributes"]["version"] == 2
    assert (await author.client.get(one)).json()["data"]["attributes"]["locale"] == "es_US"
    assert len((await author.client.get(f"{one}versions/")).json()["data"]) == 2
    assert (await author.client.get("/v1/organization-email-templates/" + made["id"])).status_code == 404
    assert (await author.client.get(PATH, params={"filter[type]": "verify"})).json()["meta"]["page[total]"] == 1
    assert (await author.client.delete(one)).status_code == 204


async def test_bad_ones_are_refused(author):
    for attributes in ({"template": "a\n{{ b }}"}, {"template": "x" * 1601}, {"type": "verify-email"}):
        assert (await author.client.post(PATH, json=author.body("sms", **attributes))).status_code == 400


async def test_a_preview_has_the_code_alone_on_a_line(author):
    attributes = {"type": "reset-password", "template": "Use {{ code }} now", "variables": {"code": "1234"}}
    body = {"data": {"type": "organization-sms-template-previews", "attributes": attributes}}
    answer = await author.client.post(f"{PATH}preview/", json=body)
    assert answer.json()["data"]["attributes"]["text"].splitlines() == ["Use 1234 now", "", "1234"]
