"""The main journey and what must hold along it, through the gateway."""

import asyncio
from uuid import uuid4

import pytest
from journeys import (
    PASSWORD,
    Gateway,
    document,
    new_code,
    new_organization,
    new_patient,
    new_staff,
    switched,
    unique,
    until,
)

REFUSALS = {
    "identity": ("GET", "/v1/sessions/", None),
    "orgs": ("GET", "/v1/user-organizations/", None),
    "authz": ("GET", "/v1/roles/", None),
    "artifacts": ("POST", "/api/v5/artifacts/profiles/context", {}),
    "notifications": ("GET", "/v1/email-logs/", None),
}


async def new_group(operator: Gateway, organization_id: str, name: str, parent: str | None = None) -> str:
    attributes = {"name": name, "organization-id": organization_id, "node-type": "group"}
    body = document("individual-groups", attributes | ({"parent-group-id": parent} if parent else {}))
    return (await operator.post("/v1/individual-groups/", body))["data"]["id"]


async def new_individual(operator: Gateway, organization_id: str, group_id: str) -> str:
    attributes = {"owner-id": organization_id, "first-name": "Ines", "last-name": "Moreau"}
    made = await operator.post("/v1/individuals/", document("individuals", attributes))
    identifier = made["data"]["id"]
    await operator.post(f"/v1/individual-groups/{group_id}/add-individuals/", {"individual-ids": [identifier]})
    return identifier


async def allowed(asker: Gateway, user_id: str, query: str) -> bool:
    answer = await asker.post("/v1/authz-resource-access/", {"user-id": user_id, "access-query": [query]})
    return answer["allow"]


async def becomes(asker: Gateway, user_id: str, query: str, *, allow: bool) -> None:
    async def settled() -> bool | None:
        return True if await allowed(asker, user_id, query) is allow else None

    await until(settled)


async def test_a_code_leads_a_person_into_the_organization_and_its_group(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    group = await new_group(operator, organization, "Newcomers")
    code = await new_code(operator, organization, **{"individual-group-id": group})
    shown = await gateway.get(f"/v1/organization-code-info/{code}/")
    assert shown["data"]["attributes"]["organization"]["display-name"] == "A place"
    patient = await new_patient(gateway, code)
    assert organization in patient.tokens["organizations"]
    individual = patient.tokens["individual"]["id"]

    async def placed() -> bool | None:
        found = await operator.get(f"/v1/individual-groups/{group}/?with-individuals=true")
        return True if individual in found["data"]["attributes"]["individual-ids"] else None

    await until(placed)
    await becomes(operator, patient.user_id, f"individual:{individual}:read", allow=True)
    await becomes(operator, patient.user_id, f"group:{group}:contain", allow=True)
    assert not await allowed(operator, patient.user_id, f"group:{group}:read")


async def test_a_leaders_reach_follows_the_tree(operator: Gateway) -> None:
    organization = await new_organization(operator)
    root = await new_group(operator, organization, "Root")
    middle = await new_group(operator, organization, "Middle", root)
    leaf = await new_group(operator, organization, "Leaf", middle)
    elsewhere = await new_group(operator, organization, "Elsewhere")
    individual = await new_individual(operator, organization, leaf)
    leader, member = await asyncio.gather(*(new_staff(operator, organization) for _ in range(2)))
    await operator.post(f"/v1/individual-groups/{root}/add-leaders/", {"user-ids": [leader.user_id]})
    await operator.post(f"/v1/individual-groups/{root}/add-members/", {"user-ids": [member.user_id]})
    query = f"individual:{individual}:read"
    await becomes(operator, leader.user_id, query, allow=True)
    await becomes(operator, member.user_id, f"group:{root}:read", allow=True)
    assert not await allowed(operator, member.user_id, query)
    assert (await leader.get(f"/v1/individuals/{individual}/"))["data"]["id"] == individual
    moved = await operator.post(f"/v1/individual-groups/{leaf}/move-group/", {"to-parent-group-id": elsewhere})
    assert moved["data"]["task-id"]
    await leader.get(f"/v1/individuals/{individual}/", status=403)
    await becomes(operator, leader.user_id, query, allow=False)


async def test_a_cohort_of_one_dialect_shows_in_the_others(operator: Gateway) -> None:
    organization = await new_organization(operator)
    acting = await switched(operator, organization)
    staff = [await new_staff(operator, organization) for _ in range(2)]

    async def profiles() -> list[str] | None:
        answer = await acting.call("POST", "/api/v5/artifacts/profiles/search", {})
        rows = answer.json().get("profiles") or [] if answer.status_code == 200 else []
        return [row["profile_id"] for row in rows] if len(rows) >= len(staff) else None

    chosen = await until(profiles)
    name = unique("cohort")
    item = {"name": name, "description": "Made in v5", "profile_ids": chosen}
    made = await acting.post("/api/v5/artifacts/cohorts/create", {"cohorts": [item]}, status=200)
    assert made["results"][0]["success"], made
    listed = await acting.get("/api/projects/@current/cohorts/")
    row = next(row for row in listed["results"] if row["name"] == name)
    assert row["description"] == "Made in v5"
    assert (await acting.get(f"/api/projects/@current/cohorts/{row['id']}/"))["name"] == name
    learning = await acting.get("/api/v1/learning/cohorts")
    twin = next(row for row in learning["items"] if row["name"] == name)
    assert twin["id"].startswith("coh_")
    found = await acting.post("/api/v5/artifacts/cohorts/search", {"search": name}, status=200)
    assert found["total_count"] == 1
    assert found["cohorts"][0]["num_members"] == len(chosen)


async def test_a_disabled_persons_token_is_refused_everywhere(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    patient = await new_patient(gateway, await new_code(operator, organization))
    for method, path, body in REFUSALS.values():
        assert (await patient.raw(method, path, body)).status_code != 401
    await operator.post(f"/v1/users/{patient.user_id}/disable/", {})

    async def refused(service: str) -> None:
        method, path, body = REFUSALS[service]

        async def asked() -> bool | None:
            return True if (await patient.raw(method, path, body)).status_code == 401 else None

        await until(asked)

    await asyncio.gather(*map(refused, REFUSALS))
    answer = await gateway.call("POST", "/v1/refresh-token/", {"refresh-token": patient.tokens["refresh-token"]})
    assert answer.status_code == 401


async def test_signing_out_ends_one_session_and_leaves_the_other(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    patient = await new_patient(gateway, await new_code(operator, organization))
    username = patient.tokens["username"]
    other = await gateway.sign_in(username, PASSWORD % username)
    assert (await patient.call("POST", "/v1/logout/", {})).status_code in (201, 204)

    async def ended() -> bool | None:
        return True if (await patient.raw("GET", "/v1/user-organizations/")).status_code == 401 else None

    await until(ended)
    await other.get("/v1/user-organizations/")


async def test_a_forgotten_password_is_set_anew_by_mail(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    patient = await new_patient(gateway, await new_code(operator, organization))
    username = patient.tokens["username"]
    await gateway.post("/v1/forgot-password/", {"username": username, "source": "email"})
    code = await gateway.mailed_code(username, after=1)
    body = {"username": username, "confirmation-code": code, "password": "an-entirely-other-phrase"}
    await gateway.post("/v1/confirm-forgot-password/", body)
    again = await gateway.call("POST", "/v1/confirm-forgot-password/", body)
    assert again.status_code in (400, 401)
    assert (
        await gateway.call("POST", "/v1/login/", {"username": username, "password": PASSWORD % username})
    ).status_code == 401
    await gateway.sign_in(username, "an-entirely-other-phrase")


async def test_organizations_do_not_see_each_other(operator: Gateway) -> None:
    one, two = await new_organization(operator), await new_organization(operator)
    group = await new_group(operator, two, "Theirs")
    stranger = await new_staff(operator, one)
    for path in (f"/v1/organizations/{two}/", f"/v1/individual-groups/{group}/", f"/v1/users/{uuid4()}/"):
        await stranger.get(path, status=404)
    answer = await stranger.call(
        "POST", f"/v1/individual-groups/{group}/add-members/", {"user-ids": [stranger.user_id]}
    )
    assert answer.status_code in (403, 404)
    listed = await stranger.get("/v1/organizations/")
    assert two not in {row["id"] for row in listed["data"]}


@pytest.mark.parametrize("path", ["/v1/nothing/", "/nothing", "/api/v9/x"])
async def test_an_unknown_path_is_404_in_json(gateway: Gateway, path: str) -> None:
    answer = await gateway.call("GET", path)
    assert answer.status_code == 404
    assert "json" in answer.headers["content-type"]


async def test_identity_headers_of_a_client_reach_no_service(operator: Gateway, gateway: Gateway) -> None:
    for name in ("x-muster-principal", "x-user-id", "x-forwarded-user"):
        answer = await gateway.call("GET", "/v1/user-organizations/", **{name: operator.tokens["access-token"]})
        assert answer.status_code == 401, name


async def test_a_request_is_one_trace_across_services_and_events(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    code = await new_code(operator, organization)
    email = f"{unique('traced')}@mail.example"
    body = {
        "username": email,
        "email": email,
        "password": PASSWORD % email,
        "first-name": "Tess",
        "last-name": "Traced",
        "organization-code": code,
        "source": "email",
    }
    answer = await gateway.call("POST", "/v1/sign-up/", body)
    assert answer.status_code == 201
    trace_id = answer.headers["x-trace-id"]

    def services(nodes: list[dict[str, object]]) -> set[object]:
        return {node["service"] for node in nodes}.union(*(services(node["children"]) for node in nodes))  # type: ignore[arg-type]

    async def whole() -> bool | None:
        found = await gateway.http.get(f"{gateway.console}/traces/{trace_id}.json")
        if found.status_code != 200:
            return None
        return True if {"gateway", "identity", "notifications"} <= services(found.json()["roots"]) else None

    await until(whole)
