"""Acting as others three deep and back, and cohorts by tools, through the gateway."""

from typing import Any

import httpx2
from journeys import Gateway, document, new_code, new_organization, new_patient, new_staff, switched, unique, until
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from platforms import Platform

V5 = "/api/v5/artifacts"
ADMIN = "018f0000-0000-7000-8000-000000000001"
INSTRUCTOR = "018f0000-0000-7000-8000-0000000000c2"


async def profile_of(caller: Gateway, person: Gateway) -> str:
    """The id of a person's profile, once artifacts has heard of them."""

    async def found() -> str | None:
        context = await person.post(f"{V5}/profiles/context", {}, status=200)
        return context["id"]

    return await until(found)


async def who(person: Gateway) -> tuple[str | None, str, int]:
    context = await person.post(f"{V5}/profiles/context", {}, status=200)
    return context["id"], context["role"], context["emulation_depth"]


async def act_as(person: Gateway, profile_id: str) -> dict[str, Any]:
    return await person.post(f"{V5}/profiles/emulate", {"target_profile_id": profile_id}, status=200)


async def test_three_deep_and_back(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    code = await new_code(operator, organization)
    admin = await new_staff(operator, organization, ADMIN)
    teacher, member = await new_staff(operator, organization), await new_staff(operator, organization)
    patient = await new_patient(gateway, code)
    ids = [await profile_of(operator, person) for person in (admin, teacher, member, patient)]
    group = {"name": unique("ward"), "node-type": "division", "organization-id": organization}
    made = await operator.post("/v1/individual-groups/", document("individual-groups", group))

    async def there() -> str | None:
        form = await admin.post(f"{V5}/profiles/get", {}, status=200)
        return next((one["id"] for one in form["departments"]["resources"] if one["id"] == made["data"]["id"]), None)

    ward = await until(there)
    changes = [
        {"profile_id": ids[1], "role_ids": [INSTRUCTOR], "department_ids": [ward]},
        {"profile_id": ids[2], "department_ids": [ward]},
    ]
    changed = await admin.post(f"{V5}/profiles/update", {"profiles": changes}, status=200)
    assert [one["success"] for one in changed["results"]] == [True, True], changed
    root = await switched(operator, organization)
    own = await who(root)
    assert own[1:] == ("superadmin", 0)
    for depth, (role, identifier) in enumerate(zip(("admin", "instructor", "member"), ids, strict=False), 1):
        answer = await act_as(root, identifier)
        assert answer["allowed"], answer
        assert await who(root) == (identifier, role, depth)
    assert not (await act_as(root, ids[3]))["allowed"]
    refused = await root.call("POST", f"{V5}/cohorts/create", {"cohorts": [{"name": "No"}]})
    assert refused.status_code == 403
    for role, identifier, depth in (("instructor", ids[1], 2), ("admin", ids[0], 1)):
        assert (await root.post(f"{V5}/profiles/unemulate", {}, status=200))["ok"]
        assert await who(root) == (identifier, role, depth)
    ring = await act_as(root, ids[0])
    assert (ring["allowed"], ring["grant_id"]) == (False, None)
    assert (await root.post(f"{V5}/profiles/unemulate", {}, status=200))["ok"]
    assert await who(root) == own

    async def audited() -> set[str] | None:
        events = await operator.get(f"/v1/audit-events/?filter[actor]={operator.user_id}&page[limit]=100")
        told = {one["attributes"]["action"] for one in events["data"]}
        return told if {"emulation-started", "emulation-ended"} <= told else None

    await until(audited)


async def test_an_mcp_client_makes_a_cohort(platform: Platform, operator: Gateway) -> None:
    organization = await new_organization(operator)
    admin = await new_staff(operator, organization, ADMIN)
    await admin.post(f"{V5}/profiles/context", {}, status=200)
    headers = {"authorization": f"Bearer {admin.tokens['access-token']}"}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(f"{platform.gateway}/mcp", http_client=http)) as client,
    ):
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert {"createCohorts", "searchProfiles"} <= names
        made = await client.call_tool("createCohorts", {"cohorts": [{"name": "By a tool", "simulations": ["Triage"]}]})
    assert made.structured_content["results"][0]["success"], made.content
    found = await admin.post(f"{V5}/cohorts/search", {"search": "By a tool"}, status=200)
    assert [(cohort["name"], cohort["mcp"]) for cohort in found["cohorts"]] == [("By a tool", True)]
