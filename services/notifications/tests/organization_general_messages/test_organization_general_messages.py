"""`/v1/organization-general-messages/`."""

from uuid import uuid4

import pytest
from contracts.notifications import GeneralMessageCreated, GeneralMessageDeleted, GeneralMessageUpdated

PATH = "/v1/organization-general-messages/"
ORGANIZATION = uuid4()


def new(**attributes: str) -> dict:
    given = {"name": "contact", "locale": "en_US", "message": "Call us.", "organization-id": str(ORGANIZATION)}
    return {"data": {"type": "organization-general-messages", "attributes": given | attributes}}


@pytest.fixture
def admin(client, neighbours):
    user = uuid4()
    neighbours.admins.add(f"{user} organization:{ORGANIZATION}:write")
    return client.as_(user_id=user, organization_id=ORGANIZATION, roles=("org.admin",))


async def test_from_making_to_removal(admin, client, outbox):
    answer = await admin.post(PATH, json=new())
    assert answer.status_code == 201, answer.text
    row = answer.json()["data"]
    spanish = (await admin.post(PATH, json=new(locale="es_US", message="Llámenos."))).json()["data"]
    patient = client.as_(organization_id=ORGANIZATION)
    listed = (await patient.get(PATH, params={"organization-id": str(ORGANIZATION)})).json()
    assert [one["id"] for one in listed["data"]] == [row["id"], spanish["id"]]
    found = await patient.get(PATH, params={"organization-id": str(ORGANIZATION), "filter[locale]": "es_US"})
    assert [one["attributes"]["message"] for one in found.json()["data"]] == ["Llámenos."]

    url = f"{PATH}{row['id']}/"
    body = {"data": {"type": "organization-general-messages", "id": row["id"], "attributes": {"message": "Write."}}}
    changed = (await admin.patch(url, json=body)).json()["data"]
    assert changed["attributes"]["message"] == "Write."
    assert changed["attributes"]["last-modified-time"] > row["attributes"]["last-modified-time"]
    assert (await patient.get(url)).json()["data"] == changed
    assert (await patient.patch(url, json=body)).status_code == 403
    assert (await patient.delete(url)).status_code == 403
    assert (await admin.delete(url)).status_code == 204
    assert (await admin.get(url)).status_code == 404
    assert [type(event) for event in await outbox()] == [
        GeneralMessageCreated,
        GeneralMessageCreated,
        GeneralMessageUpdated,
        GeneralMessageDeleted,
    ]


async def test_one_text_for_a_name_and_a_locale(admin):
    assert (await admin.post(PATH, json=new())).status_code == 201
    assert (await admin.post(PATH, json=new())).status_code == 409


async def test_another_organizations_do_not_exist(admin, client):
    row = (await admin.post(PATH, json=new())).json()["data"]
    stranger = client.as_(organization_id=uuid4(), roles=("org.admin",))
    url = f"{PATH}{row['id']}/"
    assert (await stranger.get(url)).status_code == 404
    assert (await stranger.delete(url)).status_code == 404
    assert (await stranger.get(PATH, params={"organization-id": str(ORGANIZATION)})).status_code == 404
    assert (await stranger.post(PATH, json=new())).status_code == 404


@pytest.mark.parametrize(
    ("member", "value"),
    [("name", "Contact us"), ("name", ""), ("locale", "de_DE"), ("message", ""), ("message", "a" * 10_001)],
    ids=["name", "no-name", "locale", "no-message", "long"],
)
async def test_bad_input(admin, member, value):
    answer = await admin.post(PATH, json=new(**{member: value}))
    assert answer.json()["errors"][0]["source"]["pointer"] == f"/data/attributes/{member}"
    assert (await admin.get(PATH)).status_code == 400
