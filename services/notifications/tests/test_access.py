"""Every operation against every kind of caller."""

from uuid import uuid4

import pytest
from testkit.access import Line, assert_complete, assert_credentials_refused

TABLE = {
    "listEmailLogs": Line(
        "GET",
        "/v1/email-logs/",
        {"admin": 200, "member": 403, "outsider": 403, "patient": 403, "operator": 200, "support": 200, "service": 403},
    ),
}


def test_every_operation_has_a_line(app):
    assert_complete(app, TABLE)


async def test_bad_credentials(app, session):
    await assert_credentials_refused(app)


@pytest.mark.parametrize(
    ("name", "caller"), [(name, caller) for name, line in TABLE.items() for caller in line.expected]
)
async def test_callers(client, neighbours, name, caller):
    line, user, organization = TABLE[name], uuid4(), uuid4()
    neighbours.admins.add(f"{user} organization:{organization}:write")
    callers = {
        "admin": client.as_(user_id=user, organization_id=organization, roles=("org.admin",)),
        "member": client.as_(organization_id=organization, roles=("org.member",)),
        "outsider": client.as_(user_id=user, organization_id=uuid4(), roles=("org.admin",)),
        "patient": client.as_(organization_id=organization),
        "operator": client.as_operator(),
        "support": client.as_(roles=("system.support",)),
        "service": client.as_service("identity"),
    }
    answer = await callers[caller].request(line.method, line.path)
    assert answer.status_code == line.expected[caller], answer.text
