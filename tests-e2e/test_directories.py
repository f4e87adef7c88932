"""An organization's directory provisions people: they sign in, have roles by their groups, and are out at once."""

from typing import Any

from journeys import Gateway, document, new_organization, unique, until

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PASSWORD = "quiet-Ocean-lantern-58"


def change(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


async def new_key(operator: Gateway, organization: str) -> str:
    """A key of the organization for its directory; identity hears of its administrator first."""
    attributes = {"name": "directory", "scopes": ["scim"], "organization-id": organization}

    async def made() -> str | None:
        answer = await operator.call("POST", "/v1/api-keys/", document("api-keys", attributes))
        return answer.json()["data"]["attributes"]["key"] if answer.status_code == 201 else None

    return await until(made)


async def test_from_the_directory_to_the_first_sign_in_and_out_again(operator: Gateway, gateway: Gateway) -> None:
    organization, other = await new_organization(operator), await new_organization(operator)
    key = await new_key(operator, organization)

    async def scim(method: str, path: str, body: Any = None, status: int = 200, at: str = organization) -> Any:
        headers = {"authorization": f"Bearer {key}", "content-type": "application/scim+json"}
        answer = await gateway.http.request(method, f"/scim/v2/{at}/{path}", json=body, headers=headers)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    address = f"{unique('ada')}@place.example"
    told = {
        "schemas": [USER],
        "userName": address,
        "externalId": unique("00u"),
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": address, "primary": True}],
        "password": PASSWORD,
    }
    ada = await scim("POST", "Users", told, 201)
    ward = {"schemas": [GROUP], "displayName": "Ward Nurses", "members": [{"value": ada["id"]}]}
    group = await scim("POST", "Groups", ward, 201)
    await scim("GET", f"Users/{ada['id']}", status=404, at=other)
    found = await scim("GET", f'Users?filter=externalId eq "{told["externalId"]}"')
    assert [one["id"] for one in found["Resources"]] == [ada["id"]]

    person = await gateway.sign_in(address, PASSWORD)

    async def roles() -> set[str] | None:
        fresh = await gateway.post("/v1/refresh-token/", {"refresh-token": person.tokens["refresh-token"]})
        person.tokens |= fresh
        here = (await person.post("/v1/authenticate/", {}))["data"]["roles"]
        return set(here) if "ward-nurses" in here else None

    assert await until(roles) == {"org.member", "ward-nurses"}
    members = f"/v1/user-organizations/?organization-id={organization}&user-id={ada['id']}"
    assert (await operator.get(members))["meta"]["page[total]"] == 1

    await scim("PATCH", f"Groups/{group['id']}", change({"op": "remove", "path": f'members[value eq "{ada["id"]}"]'}))
    await scim("PATCH", f"Users/{ada['id']}", change({"op": "replace", "value": {"active": False}}))

    async def refused() -> bool | None:
        return True if (await person.raw("GET", "/v1/organizations/")).status_code == 401 else None

    await until(refused)
    again = await gateway.raw("POST", "/v1/login/", {"username": address, "password": PASSWORD})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (401, "invalid-credentials")
    await scim("DELETE", f"Users/{ada['id']}", status=204)

    async def left() -> bool | None:
        return True if (await operator.get(members))["meta"]["page[total]"] == 0 else None

    await until(left)
    asked = await operator.get(f"/v1/scim-requests/?organization-id={organization}")
    assert [row["attributes"]["method"] for row in asked["data"]][:3] == ["DELETE", "PATCH", "PATCH"]
