"""Machines through the gateway: keys, service accounts, tokens for users, links."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from journeys import Gateway, document, new_code, new_organization, new_patient, new_staff, switched, unique, until

V5 = "/api/v5/artifacts"
ADMIN = "018f0000-0000-7000-8000-000000000001"
SCOPES = ["cohort:read", "cohort:write", "organization:read", "user_token:write", "webhook:read"]


async def new_key(person: Gateway, organization: str, **fields: Any) -> dict[str, Any]:
    """A key's resource, once identity knows that the person belongs to the organization."""
    attributes = {"name": "Nightly", "scopes": SCOPES, "organization-id": organization, **fields}
    named = document("api-keys", {name.replace("_", "-"): value for name, value in attributes.items()})

    async def made() -> dict[str, Any] | None:
        answer = await person.call("POST", "/v1/api-keys/", named)
        return answer.json()["data"] if answer.status_code == 201 else None

    return await until(made)


async def by(http: httpx.AsyncClient, key: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return await http.request(method, path, json=body, headers={"x-api-key": key, **headers})


async def test_a_key_reads_and_writes_both_dialects_and_ends(operator: Gateway) -> None:
    organization = await new_organization(operator)
    admin = await new_staff(operator, organization, ADMIN)
    resource = await new_key(admin, organization)
    key, http = resource["attributes"]["key"], admin.http

    async def written() -> dict[str, Any] | None:
        answer = await by(http, key, "POST", f"{V5}/cohorts/create", {"cohorts": [{"name": "By a key"}]})
        return answer.json()["results"][0] if answer.status_code == 200 else None

    cohort = await until(written)
    assert cohort["success"], cohort
    found = await by(http, key, "POST", f"{V5}/cohorts/search", {"search": "By a key"})
    assert [row["name"] for row in found.json()["cohorts"]] == ["By a key"]
    listed = await by(http, key, "GET", "/api/projects/@current/cohorts/")
    assert [row["name"] for row in listed.json()["results"]] == ["By a key"]
    read = await by(http, key, "GET", f"/v1/organizations/{organization}/")
    assert read.json()["data"]["id"] == organization
    hooks = await by(http, key, "GET", f"/v1/webhook-endpoints/?organization-id={organization}")
    assert (hooks.status_code, hooks.json().get("data")) == (200, []), "authz is asked about whom the key acts as"
    elsewhere = await new_organization(operator)
    assert (await by(http, key, "GET", f"/v1/organizations/{elsewhere}/")).status_code == 404
    refused = await by(http, key, "POST", f"{V5}/profiles/search", {})
    assert refused.status_code == 403
    assert "person:read" in refused.text
    for path in (f"{V5}/profiles/emulate", "/v1/impersonation-requests/", "/v1/api-keys/"):
        assert (await by(http, key, "POST", path, {})).status_code == 403, path
    forged = {"x-muster-principal": "x.y.z", "x-user-id": "1", "x-user-roles": "system.admin"}
    assert (await by(http, key, "GET", "/v1/users/", **forged)).status_code == 403
    assert (await http.get("/v1/users/", headers=forged)).status_code == 401
    assert (await by(http, key[:-1] + "x", "GET", "/api/projects/@current/cohorts/")).status_code == 401

    turned = await admin.post(f"/v1/api-keys/{resource['id']}/rotate/", {"overlap-seconds": 60})
    newer = turned["data"]["attributes"]["key"]
    for one in (key, newer):
        assert (await by(http, one, "GET", "/api/projects/@current/cohorts/")).status_code == 200
    assert (await admin.call("DELETE", f"/v1/api-keys/{resource['id']}/")).status_code == 204

    async def ended() -> bool | None:
        answers = [await by(http, one, "GET", "/api/projects/@current/cohorts/") for one in (key, newer)]
        return True if [answer.status_code for answer in answers] == [401, 401] else None

    await until(ended)


async def test_a_service_alone_takes_keys_too(operator: Gateway, platform: Any) -> None:
    if platform.home is None:
        return
    state = json.loads((platform.home / "state.json").read_text())
    organization = await new_organization(operator)
    admin = await new_staff(operator, organization, ADMIN)
    resource = await new_key(admin, organization)
    key = resource["attributes"]["key"]
    direct = f"http://127.0.0.1:{state['components']['orgs']['port']}/v1/organizations/{organization}/"
    assert (await by(admin.http, key, "GET", direct)).status_code == 200
    assert (await by(admin.http, key[:-1] + "x", "GET", direct)).status_code == 401
    await admin.call("DELETE", f"/v1/api-keys/{resource['id']}/")

    async def ended() -> bool | None:
        return True if (await by(admin.http, key, "GET", direct)).status_code == 401 else None

    await until(ended)


async def test_a_service_account_acts_for_a_participant(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    code = await new_code(operator, organization)
    admin = await new_staff(operator, organization, ADMIN)
    patient = await new_patient(gateway, code)
    wanted = {"name": unique("machine"), "organization-id": organization, "acts-for-users": True}

    async def made() -> str | None:
        answer = await admin.call("POST", "/v1/service-accounts/", document("service-accounts", wanted))
        return answer.json()["data"]["id"] if answer.status_code == 201 else None

    account = await until(made)
    resource = await new_key(admin, organization, service_account_id=account)
    key, http = resource["attributes"]["key"], admin.http
    body = {"data": {"user-id": patient.user_id, "additional-claims": [{"claim": "visit", "value": "7"}]}}

    async def acting() -> dict[str, Any] | None:
        answer = await by(http, key, "POST", "/v1/synthetic-user-tokens/", body)
        return answer.json()["data"] if answer.status_code == 201 else None

    token = await until(acting)
    bearer = {"authorization": f"Bearer {token['access-token']}"}
    told = await http.post("/v1/authenticate/", json={}, headers=bearer)
    assert told.json()["data"]["user-id"] == patient.user_id
    assert (await http.get(f"/v1/users/{patient.user_id}/", headers=bearer)).status_code == 403
    form = {"grant_type": "client_credentials", "scope": "cohort:read"}
    granted = await http.post("/oauth2/token", data=form, auth=(account, key))
    assert granted.status_code == 200, granted.text
    own = {"authorization": f"Bearer {granted.json()['access_token']}"}
    assert (await http.get("/api/projects/@current/cohorts/", headers=own)).status_code == 200

    async def member() -> bool | None:
        rows = await admin.get(f"/v1/user-organizations/?organization-id={organization}&user-id={account}")
        return True if rows["data"] else None

    await until(member)
    assert (await admin.call("POST", f"/v1/service-accounts/{account}/disable/", {})).status_code == 201

    async def ended() -> bool | None:
        answers = [
            await http.post("/v1/authenticate/", json={}, headers=bearer),
            await http.get("/api/projects/@current/cohorts/", headers=own),
            await by(http, key, "GET", "/api/projects/@current/cohorts/"),
        ]
        return True if {answer.status_code for answer in answers} == {401} else None

    await until(ended)


async def test_a_link_leads_to_one_thing(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    admin = await new_staff(operator, organization, ADMIN)
    patient = await new_patient(gateway, await new_code(operator, organization))
    path = f"/v1/users/{patient.user_id}/"
    endpoints = [
        {"method": "get", "path": path, "service": "identity"},
        {"method": "get", "path": f"/v1/organizations/{organization}/", "service": "identity"},
    ]
    attributes = {
        "user-id": patient.user_id,
        "expired-at": (datetime.now(UTC) + timedelta(minutes=5)).isoformat(),
        "allowed-endpoints": endpoints,
    }

    async def made() -> str | None:
        answer = await admin.call("POST", "/v1/anonymous-accesses/", document("anonymous-accesses", attributes))
        return answer.json()["data"]["id"] if answer.status_code == 201 else None

    link = await until(made)
    proxy = f"/v1/anonymous-accesses/{link}/proxy/"
    answer = await gateway.http.post(proxy, json={"endpoint": path, "method": "get"})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["status-code"], answer.json()["json"]["data"]["id"]) == (200, patient.user_id)
    for trick in ("/v1/users/", f"{path}../", f"{path}%2e%2e/", f"/{path}", path.upper(), f"{path}?x=1"):
        refused = await gateway.http.post(proxy, json={"endpoint": trick, "method": "get"})
        assert refused.status_code == 403, trick
    wrong = await gateway.http.post(proxy, json={"endpoint": endpoints[1]["path"], "method": "get"})
    assert wrong.json()["status-code"] == 403, "it is another service's than the link names"
    back = await switched(admin, organization)
    assert (await back.call("DELETE", f"/v1/anonymous-accesses/{link}/")).status_code == 204
    assert (await gateway.http.post(proxy, json={"endpoint": path, "method": "get"})).status_code == 404
