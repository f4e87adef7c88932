"""Who may do what with keys, service accounts, tokens for users and links: one line an operation."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from identity_world import World
from machines import made_account, made_key
from testkit.access import Line

KEY = "/v1/api-keys/{key}"
ACCOUNT = "/v1/service-accounts/{account}"
LINK = "/v1/anonymous-accesses/{link}"
STRANGERS = {"nobody": 401, "stranger": 404, "outsider": 404, "participant": 404}
NEW_KEY: Any = {
    "data": {
        "type": "api-keys",
        "attributes": {"name": "One", "scopes": ["cohort:read"], "organization-id": "{organization}"},
    }
}
NEW_ACCOUNT: Any = {
    "data": {"type": "service-accounts", "attributes": {"name": "Two", "organization-id": "{organization}"}}
}
CHANGED_ACCOUNT: Any = {"data": {"type": "service-accounts", "id": "{account}", "attributes": {"name": "Three"}}}
NEW_LINK: Any = {
    "data": {
        "type": "anonymous-accesses",
        "attributes": {
            "user-id": "{member}",
            "expired-at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            "allowed-endpoints": [{"method": "get", "path": "/v1/users/{member}", "service": "identity"}],
        },
    }
}
CHANGED_LINK: Any = {
    "data": {"type": "anonymous-accesses", "id": "{link}", "attributes": {"expired-at": "2026-01-01T00:00:00Z"}}
}

LINES = {
    "listApiKeys": Line("GET", "/v1/api-keys", {"nobody": 401, "member": 200, "stranger": 200, "service": 200}),
    "listApiKeyScopes": Line("GET", "/v1/api-keys/scopes", {"nobody": 401, "stranger": 200}),
    "createApiKey": Line(
        "POST",
        "/v1/api-keys",
        {**STRANGERS, "service": 403, "support": 404, "operator": 403, "member": 201, "admin": 201},
        NEW_KEY,
    ),
    "readApiKey": Line(
        "GET", KEY, {**STRANGERS, "colleague": 404, "member": 200, "admin": 200, "support": 200, "service": 200}
    ),
    "rotateApiKey": Line(
        "POST", f"{KEY}/rotate", {**STRANGERS, "colleague": 404, "support": 403, "member": 201, "admin": 403}, {}
    ),
    "deleteApiKey": Line("DELETE", KEY, {**STRANGERS, "colleague": 404, "support": 403, "service": 403, "member": 204}),
    "listServiceAccounts": Line("GET", "/v1/service-accounts", {"nobody": 401, "stranger": 200, "admin": 200}),
    "createServiceAccount": Line(
        "POST",
        "/v1/service-accounts",
        {**STRANGERS, "participant": 403, "member": 403, "support": 403, "service": 404, "admin": 201, "operator": 409},
        NEW_ACCOUNT,
    ),
    "readServiceAccount": Line(
        "GET", ACCOUNT, {**STRANGERS, "member": 404, "admin": 200, "support": 200, "operator": 200, "service": 200}
    ),
    "updateServiceAccount": Line(
        "PATCH",
        ACCOUNT,
        {**STRANGERS, "member": 404, "support": 403, "service": 404, "admin": 200, "operator": 200},
        CHANGED_ACCOUNT,
    ),
    "enableServiceAccount": Line(
        "POST", f"{ACCOUNT}/enable", {**STRANGERS, "member": 404, "support": 403, "service": 403, "admin": 201}, {}
    ),
    "disableServiceAccount": Line(
        "POST", f"{ACCOUNT}/disable", {**STRANGERS, "member": 404, "support": 403, "service": 403, "admin": 201}, {}
    ),
    "deleteServiceAccount": Line(
        "DELETE", ACCOUNT, {**STRANGERS, "member": 404, "support": 403, "service": 403, "admin": 204}
    ),
    "createSyntheticUserToken": Line(
        "POST",
        "/v1/synthetic-user-tokens",
        {"nobody": 401, "stranger": 403, "admin": 403, "operator": 403, "service": 403},
        {"data": {"user-id": "{participant}"}},
    ),
    "createAnonymousAccess": Line(
        "POST",
        "/v1/anonymous-accesses",
        {**STRANGERS, "colleague": 403, "support": 403, "service": 403, "member": 201, "admin": 201, "operator": 201},
        NEW_LINK,
    ),
    "readAnonymousAccess": Line(
        "GET", LINK, {**STRANGERS, "colleague": 404, "member": 200, "admin": 200, "support": 200, "operator": 200}
    ),
    "updateAnonymousAccess": Line(
        "PATCH", LINK, {**STRANGERS, "colleague": 404, "member": 200, "admin": 200}, CHANGED_LINK
    ),
    "deleteAnonymousAccess": Line("DELETE", LINK, {**STRANGERS, "colleague": 404, "member": 204}),
    "proxyAnonymousAccess": Line(
        "POST", f"{LINK}/proxy", {"nobody": 403, "stranger": 403}, {"endpoint": "/v1/users", "method": "get"}
    ),
    "internalAuthV2": Line(
        "POST",
        "/v2/internal-auth",
        {"nobody": 401, "operator": 401},
        {"data": {"type": "internal-auths", "attributes": {"token": "x"}}},
    ),
}


async def arrange_machines(world: World, place: dict[str, str]) -> dict[str, str]:
    """A key and a link of the member's, and a machine of the organization."""
    organization, admin, member = (UUID(place[name]) for name in ("organization", "admin", "member"))
    key = await made_key(world, member, organization)
    account = await made_account(world, admin, organization, name="Machine")
    body = {
        "type": "anonymous-accesses",
        "attributes": {
            "user-id": str(member),
            "expired-at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            "allowed-endpoints": [{"method": "get", "path": f"/v1/users/{member}", "service": "identity"}],
        },
    }
    link = await world.client.as_(user_id=member).post("/v1/anonymous-accesses/", json={"data": body})
    return place | {"key": key["id"], "account": account["id"], "link": link.json()["data"]["id"]}
