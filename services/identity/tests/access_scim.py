"""Who may do what with an organization's directory: one line an operation."""

from typing import Any

from directories import BULK, GROUP, PATCH, USER
from identity_world import World
from testkit.access import Line

BASE = "/scim/v2/{organization}"
CALLERS = {"nobody": 401, "stranger": 404, "outsider": 404, "participant": 403, "member": 403, "service": 404}
REPLACED: Any = {"schemas": [USER], "userName": "{email}"}
OPERATIONS: Any = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "nickName", "value": "x"}]}
RENAMED: Any = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "y"}]}


def line(method: str, path: str, done: int, body: Any = None, operator: int | None = None) -> Line:
    return Line(method, f"{BASE}/{path}", {**CALLERS, "admin": done, "operator": operator or done}, body)


LINES = {
    "readScimServiceProviderConfig": line("GET", "ServiceProviderConfig", 200),
    "listScimResourceTypes": line("GET", "ResourceTypes", 200),
    "readScimResourceType": line("GET", "ResourceTypes/User", 200),
    "listScimSchemas": line("GET", "Schemas", 200),
    "readScimSchema": line("GET", f"Schemas/{USER}", 200),
    "readScimMe": line("GET", "Me", 501),
    "searchScim": line("POST", ".search", 501, {}),
    "changeScimBulk": line("POST", "Bulk", 200, {"schemas": [BULK], "Operations": []}),
    "listScimUsers": line("GET", "Users", 200),
    "searchScimUsers": line("POST", "Users/.search", 200, {}),
    "createScimUser": line("POST", "Users", 201, REPLACED, operator=409),
    "readScimUser": line("GET", "Users/{member}", 200),
    "replaceScimUser": line("PUT", "Users/{member}", 400, REPLACED),
    "updateScimUser": line("PATCH", "Users/{member}", 200, OPERATIONS),
    "deleteScimUser": line("DELETE", "Users/{colleague}", 204, operator=404),
    "listScimGroups": line("GET", "Groups", 200),
    "searchScimGroups": line("POST", "Groups/.search", 200, {}),
    "createScimGroup": line("POST", "Groups", 201, {"schemas": [GROUP], "displayName": "x"}, operator=409),
    "readScimGroup": line("GET", "Groups/{scim_group}", 200),
    "replaceScimGroup": line("PUT", "Groups/{scim_group}", 200, {"schemas": [GROUP], "displayName": "z"}),
    "updateScimGroup": line("PATCH", "Groups/{scim_group}", 200, RENAMED),
    "deleteScimGroup": line("DELETE", "Groups/{scim_group}", 204, operator=404),
    "listScimRequests": Line(
        "GET", "/v1/scim-requests?organization-id={organization}", {**CALLERS, "admin": 200, "operator": 200}
    ),
}


async def arrange_directory(world: World, place: dict[str, str]) -> dict[str, str]:
    """A group of the organization's directory."""
    path = f"/scim/v2/{place['organization']}/Groups"
    await world.rows(
        "INSERT INTO organizations VALUES (CAST(:id AS uuid), 'o', 'O', true) ON CONFLICT DO NOTHING",
        id=place["organization"],
    )
    body = {"schemas": [GROUP], "displayName": "Nurses"}
    made = await world.client.as_operator().post(path, json=body)
    assert made.status_code == 201, made.text
    return place | {"scim_group": made.json()["id"]}
