"""`/v1/feedback-comments/`."""

from uuid import uuid4

import pytest
from contracts.notifications import FeedbackCommentCreated
from notifications.feedback_comments import commands

PATH = "/v1/feedback-comments/"
USER, ORGANIZATION = uuid4(), uuid4()


def new(**attributes: object) -> dict:
    return {
        "data": {
            "type": "feedback-comments",
            "attributes": {"comment": "Too small.", "current-page": "/visits"} | attributes,
        }
    }


@pytest.fixture
def writer(client, neighbours):
    neighbours.users[str(USER)] = {"email": "ana@example.org"}
    return client.as_(user_id=USER, organization_id=ORGANIZATION)


async def written(writer, **attributes):
    answer = await writer.post(PATH, json=new(**attributes))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def test_a_comment_has_its_writer_and_their_address(writer, outbox):
    row = await written(writer)
    assert row["attributes"]["created-by"] == str(USER)
    assert row["attributes"]["email"] == "ana@example.org"
    assert row["attributes"]["individual-id"] is None
    assert (await writer.get(f"{PATH}{row['id']}/")).json()["data"] == row
    [event] = await outbox()
    assert isinstance(event, FeedbackCommentCreated)
    assert "example.org" not in str(event)


async def test_who_sees_which(writer, client, neighbours):
    first, second = await written(writer), await written(writer, **{"current-page": "/other"})
    admin, stranger = uuid4(), uuid4()
    neighbours.admins.add(f"{admin} organization:{ORGANIZATION}:write")
    readers = {
        "admin": client.as_(user_id=admin, organization_id=ORGANIZATION, roles=("org.admin",)),
        "writer": writer,
        "support": client.as_(roles=("system.support",)),
        "stranger": client.as_(user_id=stranger, organization_id=ORGANIZATION),
    }
    for name, reader in readers.items():
        ids = [row["id"] for row in (await reader.get(PATH)).json()["data"]]
        assert ids == ([] if name == "stranger" else [second["id"], first["id"]]), name
        assert (await reader.get(f"{PATH}{first['id']}/")).status_code == (404 if name == "stranger" else 200), name


async def test_filters(writer):
    first, second = await written(writer), await written(writer, **{"current-page": "/other"})
    for name, value, ids in [
        ("filter[current-page]", "/other", [second["id"]]),
        ("filter[created-by]", str(uuid4()), []),
        ("filter[individual-id]", str(uuid4()), []),
        ("filter[cmp-created-time]", ">=2999-01-01T00:00:00Z", []),
        ("page[limit]", "1", [second["id"]]),
        ("page[offset]", "1", [first["id"]]),
    ]:
        answer = await writer.get(PATH, params={name: value})
        assert [row["id"] for row in answer.json()["data"]] == ids, name


async def test_only_about_people_whom_the_writer_may_see(writer, neighbours):
    individual = uuid4()
    answer = await writer.post(PATH, json=new(**{"individual-id": str(individual)}))
    assert answer.status_code == 404
    neighbours.admins.add(f"{USER} individual:{individual}:read")
    row = await written(writer, **{"individual-id": str(individual)})
    assert row["attributes"]["individual-id"] == str(individual)


@pytest.mark.parametrize(
    "attributes",
    [
        {"comment": ""},
        {"comment": " \n"},
        {"comment": "a" * 4001},
        {"comment": "a\x00b"},
        {"current-page": "a" * 2049},
        {"current-page": "a\nb"},
        {"individual-id": "me"},
        {"email": "other@example.org"},
    ],
    ids=["empty", "blank", "long", "nul", "long-page", "newline", "no-uuid", "unknown"],
)
async def test_bad_input(writer, attributes):
    assert (await writer.post(PATH, json=new(**attributes))).status_code == 400


async def test_so_many_an_hour(writer, monkeypatch):
    monkeypatch.setattr(commands, "MOST_AN_HOUR", 1)
    await written(writer)
    answer = await writer.post(PATH, json=new())
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "600"
