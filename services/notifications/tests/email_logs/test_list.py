"""`GET /v1/email-logs/`."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from notifications.email_logs.models import EmailLog

START = datetime(2026, 1, 1, tzinfo=UTC)
ORGANIZATION, OTHER = uuid4(), uuid4()


@pytest.fixture
async def logs(session):
    for index, organization in enumerate((ORGANIZATION, ORGANIZATION, OTHER, None)):
        session.add(
            EmailLog(
                delivery_id=uuid4(),
                organization_id=organization,
                ses_id=f"<{index}@muster.localhost>",
                notification_type="Delivery",
                source="no-reply@muster.localhost",
                destination=f"Person{index}@example.org",
                subject="Your confirmation code",
                timestamp=START + timedelta(days=index),
                ses_raw={},
            )
        )
    await session.flush()


def staff(client):
    return client.as_(roles=("system.support",))


async def listed(client, **parameters):
    answer = await client.get("/v1/email-logs/", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_staff_see_all_newest_first(client, logs):
    body = await listed(staff(client))
    assert [row["attributes"]["destination"] for row in body["data"]] == [
        f"Person{i}@example.org" for i in (3, 2, 1, 0)
    ]
    assert isinstance(body["data"][0]["id"], int)
    assert body["data"][0]["attributes"]["ses-id"] == "<3@muster.localhost>"
    assert body["data"][0]["attributes"]["timestamp"] == "2026-01-04T00:00:00Z"
    assert body["meta"] == {"page[limit]": 100, "page[offset]": 0, "page[total]": 4}


async def test_admins_see_their_organizations(client, logs, neighbours):
    user = uuid4()
    neighbours.admins.add(f"{user} organization:{ORGANIZATION}:write")
    body = await listed(client.as_(user_id=user, organization_id=ORGANIZATION, roles=("org.admin",)))
    assert [row["attributes"]["ses-id"] for row in body["data"]] == ["<1@muster.localhost>", "<0@muster.localhost>"]


async def test_others_see_nothing(client, logs, neighbours):
    member = client.as_(organization_id=ORGANIZATION, roles=("org.member",))
    assert (await member.get("/v1/email-logs/")).status_code == 403
    assert (await client.as_().get("/v1/email-logs/")).status_code == 403
    assert (await client.as_service("orgs").get("/v1/email-logs/")).status_code == 403


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"filter[destination]": "person2@EXAMPLE.org"}, [2]),
        ({"filter[destination]": "person"}, []),
        ({"filter[timestamp][gte]": "2026-01-02T00:00:00Z"}, [3, 2, 1]),
        ({"filter[timestamp][lte]": "2026-01-02T00:00:00Z"}, [1, 0]),
        (
            {"filter[timestamp][gte]": "2026-01-02T00:00:00Z", "filter[timestamp][lte]": "2026-01-03T01:00:00+01:00"},
            [2, 1],
        ),
        ({"page[limit]": 1, "page[offset]": 1}, [2]),
        ({"page[offset]": 10}, []),
    ],
)
async def test_filters(client, logs, parameters, found):
    body = await listed(staff(client), **parameters)
    assert [row["attributes"]["ses-id"] for row in body["data"]] == [f"<{index}@muster.localhost>" for index in found]


@pytest.mark.parametrize(
    "parameters",
    [
        {"filter[destination]": ""},
        {"filter[destination]": "x" * 256},
        {"filter[destination]": "a\x00b"},
        {"filter[timestamp][gte]": "yesterday"},
        {"page[limit]": 0},
        {"page[limit]": 1001},
        {"page[offset]": -1},
        {"filter[subject]": "x"},
    ],
)
async def test_bad_parameters_are_named(client, parameters):
    answer = await staff(client).get("/v1/email-logs/", params=parameters)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["parameter"] == next(iter(parameters))


async def test_authz_away_is_503(client, app, neighbours):
    import msgspec

    runtime = app.state.runtime
    runtime.settings = msgspec.structs.replace(runtime.settings, authz_url="http://127.0.0.1:1")
    answer = await client.as_(organization_id=ORGANIZATION, roles=("org.admin",)).get("/v1/email-logs/")
    assert answer.status_code == 503
