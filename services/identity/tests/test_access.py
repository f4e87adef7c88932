"""Who may do what: one line an operation."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from access_sign_in import LINES as SIGN_IN
from access_sign_in import arrange
from identity_world import NEW_PASSWORD, World, email
from litestar import Litestar
from testkit.access import Line, assert_complete, assert_credentials_refused
from testkit.client import Client

USER = "/v1/users/{member}"
ANYBODY = {"nobody": 201, "member": 201, "operator": 201}
CHANGE: Any = {"data": {"type": "users", "id": "{member}", "attributes": {"first-name": "New"}}}

TABLE = {
    **SIGN_IN,
    "signUp": Line("POST", "/v1/sign-up", dict.fromkeys(ANYBODY, 400), {}),
    "confirmSignUp": Line("POST", "/v1/confirm-sign-up", dict.fromkeys(ANYBODY, 400), {}),
    "login": Line("POST", "/v1/login", dict.fromkeys(ANYBODY, 401), {"username": "x", "password": "y"}),
    "refreshToken": Line("POST", "/v1/refresh-token", dict.fromkeys(ANYBODY, 401), {"refresh-token": "x"}),
    "logout": Line("POST", "/v1/logout", {"nobody": 401, "member": 201, "service": 201}),
    "authenticate": Line("POST", "/v1/authenticate", {"nobody": 401, "stranger": 401, "service": 201}, {}),
    "authenticateEdge": Line("GET", "/v1/authenticate/v1/users", {"nobody": 401, "stranger": 401}),
    "internalAuth": Line("POST", "/v1/internal-auth", dict.fromkeys(ANYBODY, 400), {}),
    "passwordStrength": Line("POST", "/v1/password-strength", ANYBODY, {"password": "x"}),
    "forgotPassword": Line("POST", "/v1/forgot-password", ANYBODY, {"username": "x"}),
    "confirmForgotPassword": Line(
        "POST",
        "/v1/confirm-forgot-password",
        dict.fromkeys(ANYBODY, 400),
        {"username": "x", "confirmation-code": "y", "password": NEW_PASSWORD},
    ),
    "readKeys": Line("GET", "/.well-known/jwks.json", {"nobody": 200, "member": 200}),
    "readDiscovery": Line("GET", "/.well-known/openid-configuration", {"nobody": 200, "member": 200}),
    "listSessions": Line("GET", "/v1/sessions", {"nobody": 401, "member": 200, "service": 200}),
    "readSession": Line(
        "GET",
        "/v1/sessions/{session}",
        {"nobody": 401, "owner": 200, "stranger": 404, "admin": 404, "support": 200, "operator": 200, "service": 200},
    ),
    "deleteSession": Line(
        "DELETE", "/v1/sessions/{session}", {"nobody": 401, "stranger": 404, "admin": 404, "support": 204, "owner": 404}
    ),
    "listUsers": Line("GET", "/v1/users", {"nobody": 401, "stranger": 200, "member": 200, "service": 200}),
    "createUser": Line(
        "POST",
        "/v1/users",
        {"nobody": 401, "member": 403, "admin": 403, "support": 403, "service": 403, "operator": 201},
        {
            "data": {
                "type": "users",
                "attributes": {"email": "{email}", "first-name": "A", "last-name": "B"},
            }
        },
    ),
    "readUser": Line(
        "GET",
        USER,
        {
            "nobody": 401,
            "stranger": 404,
            "outsider": 404,
            "participant": 404,
            "colleague": 200,
            "admin": 200,
            "member": 200,
            "support": 200,
            "operator": 200,
            "service": 200,
        },
    ),
    "updateUser": Line(
        "PATCH",
        USER,
        {
            "nobody": 401,
            "stranger": 404,
            "outsider": 404,
            "participant": 404,
            "colleague": 403,
            "support": 403,
            "service": 403,
            "admin": 200,
            "member": 200,
            "operator": 200,
        },
        CHANGE,
    ),
    "disableUser": Line(
        "POST",
        f"{USER}/disable",
        {
            "nobody": 401,
            "stranger": 404,
            "outsider": 404,
            "participant": 404,
            "colleague": 403,
            "member": 403,
            "support": 403,
            "service": 403,
            "admin": 201,
            "operator": 201,
        },
        {},
    ),
    "enableUser": Line(
        "POST",
        f"{USER}/enable",
        {
            "nobody": 401,
            "stranger": 404,
            "outsider": 404,
            "colleague": 403,
            "support": 403,
            "admin": 201,
            "operator": 201,
        },
        {},
    ),
    "switchOrganization": Line(
        "POST",
        f"{USER}/switch-organization",
        {"nobody": 401, "stranger": 404, "colleague": 403, "operator": 403, "service": 403, "member": 401},
        {"organization-id": "{organization}", "set-default": False},
    ),
    "readMessageContent": Line(
        "GET", "/v1/message-contents/{message}", {"nobody": 401, "member": 403, "operator": 403, "service": 200}
    ),
}


@pytest.fixture
async def place(world: World) -> dict[str, str]:
    """One organization with an admin, a member and a colleague, another with an outsider, and somebody's session."""
    organization = uuid4()
    username, participant = await world.confirmed()
    await world.belongs(participant, organization, account_type="patient")
    signed_in = (await world.sign_in(username)).json()
    message = (await world.rows("SELECT id FROM message_contents"))[0].id
    return await arrange(
        world,
        {
            "organization": str(organization),
            "admin": str(await world.staff(organization, role="org.admin")),
            "member": str(await world.staff(organization)),
            "colleague": str(await world.staff(organization)),
            "outsider": str(await world.staff(uuid4(), role="org.admin")),
            "participant": str(participant),
            "owner": str(participant),
            "stranger": str(uuid4()),
            "session": signed_in["session-id"],
            "message": str(message),
            "email": email(),
        },
    )


def caller(world: World, place: dict[str, str], name: str) -> Client:
    match name:
        case "nobody":
            return world.client
        case "operator":
            return world.client.as_operator()
        case "support":
            return world.client.as_(roles=("system.support",))
        case "service":
            return world.client.as_service("artifacts")
        case _:
            return world.client.as_(user_id=UUID(place[name]))


def filled(value: Any, place: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: filled(part, place) for key, part in value.items()}
    if isinstance(value, str) and "{" in value:
        return value.format(**place)
    return value


@pytest.mark.parametrize("operation", TABLE)
async def test_the_matrix(world: World, place: dict[str, str], operation: str) -> None:
    line = TABLE[operation]
    for name, expected in line.expected.items():
        body = filled(line.body, place)
        answer = await caller(world, place, name).request(line.method, filled(line.path, place), json=body)
        assert answer.status_code == expected, f"{operation} by {name}: {answer.text}"


def test_every_operation_has_a_line(app: Litestar) -> None:
    assert_complete(app, TABLE)


async def test_credentials_that_do_not_count(app: Litestar, world: World) -> None:
    await assert_credentials_refused(app)
