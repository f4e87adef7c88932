"""Who may do what: one line an operation."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from access_federation import LINES as FEDERATION
from access_federation import arrange_providers
from access_machines import LINES as MACHINES
from access_machines import arrange_machines
from access_onboarding import LINES as ONBOARDING
from access_onboarding import arrange_invitations
from access_openid import LINES as OPENID
from access_openid import arrange_clients
from access_scim import LINES as SCIM
from access_scim import arrange_directory
from access_sign_in import LINES as SIGN_IN
from access_sign_in import arrange
from identity_world import NEW_PASSWORD, PASSWORD, World, email, new
from litestar import Litestar
from testkit.access import Line, assert_complete, assert_credentials_refused
from testkit.client import Client

USER = "/v1/users/{member}"
OTHERS = ("colleague", "admin", "support", "operator", "service")
ANYBODY = {"nobody": 201, "member": 201, "operator": 201}
CHANGE: Any = {"data": {"type": "users", "id": "{member}", "attributes": {"first-name": "New"}}}

TABLE = {
    **SIGN_IN,
    **FEDERATION,
    **MACHINES,
    **ONBOARDING,
    **OPENID,
    **SCIM,
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
    "changePassword": Line(
        "POST",
        f"{USER}/change-password",
        {
            "nobody": 401,
            "stranger": 404,
            "outsider": 404,
            "participant": 404,
            "colleague": 403,
            "admin": 403,
            "service": 403,
            "support": 403,
            "operator": 403,
            "member": 400,
        },
        {"new-password": NEW_PASSWORD},
    ),
    "changeEmail": Line(
        "POST",
        f"{USER}/change-email",
        {**dict.fromkeys(OTHERS, 403), "nobody": 401, "stranger": 404, "outsider": 404, "member": 201},
        {"email": "{email}"},
    ),
    "confirmEmail": Line(
        "POST",
        f"{USER}/confirm-email",
        {**dict.fromkeys(OTHERS, 403), "nobody": 401, "stranger": 404, "outsider": 404, "member": 400},
        {"confirmation-code": "12345678"},
    ),
    "confirmPhone": Line(
        "POST",
        f"{USER}/confirm-phone",
        {**dict.fromkeys(OTHERS, 403), "nobody": 401, "stranger": 404, "outsider": 404, "member": 201},
        {"phone-number": "+4366412345678"},
    ),
    "listUserActivities": Line(
        "GET",
        "/v1/user-activities?filter[user-id]={member}",
        {
            "nobody": 401,
            "stranger": 404,
            "outsider": 404,
            "participant": 404,
            "member": 200,
            "colleague": 200,
            "service": 200,
            "support": 200,
        },
    ),
    "listUserCheckins": Line(
        "GET",
        "/v1/user-checkins?individual-id={stranger}",
        {"nobody": 401, "stranger": 200, "member": 200, "service": 200},
    ),
    "createUserCheckin": Line(
        "POST",
        "/v1/user-checkins",
        {"nobody": 401, "service": 403, "member": 201, "participant": 201},
        {"data": {"type": "user-checkins", "attributes": {"source": "web"}}},
    ),
    "listUserReplications": Line(
        "GET",
        "/v1/user-replications?user-id={member}",
        {**dict.fromkeys(OTHERS, 200), "nobody": 401, "stranger": 404, "outsider": 404, "colleague": 403, "admin": 403}
        | {"member": 200},
    ),
    "createUserReplication": Line(
        "POST",
        "/v1/user-replications",
        {"nobody": 401, "member": 403, "admin": 403, "support": 403, "service": 201, "operator": 201},
        {"data": {"type": "user-replications", "attributes": {"user-id": "{member}", "service": "artifacts"}}},
    ),
    "listReplicators": Line("GET", "/v1/replicators", {"nobody": 401, "member": 403, "admin": 403, "service": 403}),
    "readReplicator": Line(
        "GET", "/v1/replicators/{stranger}", {"nobody": 401, "member": 403, "admin": 403, "service": 403}
    ),
    "listArchiveRequests": Line("GET", "/v1/archive-requests", {"nobody": 401, "stranger": 200, "service": 200}),
    "createArchiveRequest": Line(
        "POST",
        "/v1/archive-requests",
        {
            "nobody": 401,
            "service": 403,
            "stranger": 404,
            "outsider": 404,
            "member": 404,
            "support": 404,
            "operator": 201,
            "admin": 409,
        },
        {
            "data": {
                "type": "archive-requests",
                "attributes": {"individual-id": "{individual}", "password": PASSWORD},
            }
        },
    ),
    "answerArchiveRequest": Line(
        "POST",
        "/v1/archive-requests/{archive_request}/answer",
        {"nobody": 401, "stranger": 404, "outsider": 404, "member": 404, "service": 403, "support": 403, "admin": 201},
        {"value": "moved away"},
    ),
    "listDeletionRequests": Line(
        "GET", "/v1/deletion-requests?user-email=x@y.example", {"nobody": 401, "stranger": 200, "service": 200}
    ),
    "createDeletionRequest": Line(
        "POST",
        "/v1/deletion-requests",
        {
            "nobody": 401,
            "service": 403,
            "stranger": 404,
            "outsider": 404,
            "colleague": 403,
            "admin": 403,
            "support": 403,
            "operator": 201,
        },
        {
            "data": {
                "type": "deletion-requests",
                "attributes": {"type": "user", "user-id": "{participant}", "password": PASSWORD},
            }
        },
    ),
    "readDeletionRequest": Line(
        "GET",
        "/v1/deletion-requests/{deletion_request}",
        {
            "nobody": 401,
            "stranger": 404,
            "outsider": 404,
            "member": 404,
            "admin": 200,
            "support": 200,
            "operator": 200,
            "service": 200,
        },
    ),
    "updateDeletionStatus": Line(
        "POST",
        "/v1/deletion-requests/{deletion_request}/update-status",
        {"nobody": 401, "member": 403, "admin": 403, "operator": 403, "service": 201},
        {"reference-id": "{step}", "state": "running"},
    ),
    "purgeData": Line(
        "POST",
        "/v1/purge-data",
        {"nobody": 401, "member": 403, "admin": 403, "support": 403, "service": 403, "operator": 201},
        {
            "data": {
                "type": "system-purges",
                "attributes": {
                    "entity-type": "individual",
                    "entity-id": "{leaving}",
                    "reference-id": "{step}",
                    "request-id": "{deletion_request}",
                },
            }
        },
    ),
    "listMessageContents": Line(
        "GET", "/v1/message-contents/?ids={message}", {"nobody": 401, "member": 403, "operator": 403, "service": 200}
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
    admin = await world.staff(organization, role="org.admin")
    arranged = await arrange(
        world,
        {
            **await requests_about_individuals(world, organization, admin),
            "organization": str(organization),
            "admin": str(admin),
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
    return await arrange_invitations(world, await arrange_directory(world, arranged))


async def requests_about_individuals(world: World, organization: UUID, admin: UUID) -> dict[str, str]:
    """Individuals of the organization without a login: one to archive, one being archived, one being erased."""
    individual, archived, leaving = (world.individual(owner_id=organization) for _ in range(3))
    asker = world.client.as_(user_id=admin)
    about = {"individual-id": str(archived), "password": PASSWORD}
    archive = await asker.post("/v1/archive-requests/", json=new("archive-requests", about))
    about = {"type": "indv", "individual-id": str(leaving), "password": PASSWORD}
    deletion = (await asker.post("/v1/deletion-requests/", json=new("deletion-requests", about))).json()["data"]
    steps = {step["app"]: step["reference-id"] for step in deletion["attributes"]["progress"]}
    return {
        "individual": str(individual),
        "leaving": str(leaving),
        "archive_request": archive.json()["data"]["id"],
        "deletion_request": deletion["id"],
        "step": steps["artifacts"],
    }


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
    if isinstance(value, list):
        return [filled(part, place) for part in value]
    if isinstance(value, str) and "{" in value:
        return value.format(**place)
    return value


@pytest.mark.parametrize("operation", TABLE)
async def test_the_matrix(world: World, place: dict[str, str], operation: str) -> None:
    line = TABLE[operation]
    if operation in FEDERATION:
        place = await arrange_providers(world, place)
    if operation in MACHINES:
        place = await arrange_machines(world, place)
    if operation in OPENID:
        place = await arrange_clients(world, place)
    for name, expected in line.expected.items():
        body = filled(line.body, place)
        answer = await caller(world, place, name).request(line.method, filled(line.path, place), json=body)
        assert answer.status_code == expected, f"{operation} by {name}: {answer.text}"


def test_every_operation_has_a_line(app: Litestar) -> None:
    assert_complete(app, TABLE)


async def test_credentials_that_do_not_count(app: Litestar, world: World) -> None:
    await assert_credentials_refused(app)
