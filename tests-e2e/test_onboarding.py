"""People who are invited by mail and by SMS, and support that acts in somebody's name, through the gateway."""

import re
import secrets
from typing import Any

import pytest
from journeys import (
    PASSWORD,
    Gateway,
    document,
    new_code,
    new_organization,
    new_patient,
    new_staff,
    unique,
    until,
)

SMS_DOMAIN = "sms.muster.example"
REFERRAL = re.compile(r"^\s*([A-Z2-9]{12})\s*$", re.MULTILINE)


async def referral_code(gateway: Gateway, address: str) -> str:
    """The code of the newest invitation to an address."""

    async def found() -> str | None:
        answer = await gateway.http.get(f"{gateway.console}/mail.json", params={"to": address})
        codes = [match[1] for mail in answer.json() if (match := REFERRAL.search(mail["text"]))]
        return codes[0] if codes else None

    return await until(found)


async def new_group(operator: Gateway, organization: str) -> str:
    attributes = {"name": unique("group"), "organization-id": organization, "node-type": "group"}
    made = await operator.post("/v1/individual-groups/", document("individual-groups", attributes))
    return made["data"]["id"]


async def invite(inviter: Gateway, organization: str, **attributes: Any) -> dict[str, Any]:
    body = {"organization": organization} | {name.replace("_", "-"): value for name, value in attributes.items()}
    return (await inviter.post("/v1/onboarding-requests/", document("onboarding-requests", body)))["data"]


async def becomes(inviter: Gateway, invitation: dict[str, Any], status: str, way: str = "email") -> dict[str, Any]:
    """The invitation once its message was delivered and it is in this state."""

    async def asked() -> dict[str, Any] | None:
        read = await inviter.get(f"/v1/onboarding-requests/{invitation['id']}/")
        shown = read["data"]["attributes"]
        told = (shown["last-invite"][way] or {}).get("status")
        return shown if shown["status"] == status and told == "sent" else None

    return await until(asked)


async def test_a_provider_is_invited_by_mail_and_becomes_staff(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    group = await new_group(operator, organization)
    address = f"{unique('nurse')}@place.example"
    made = await invite(
        operator, organization, onboard_type="provider", patient_email=address, individual_group_id=group
    )
    await becomes(operator, made, "invited")
    code = await referral_code(gateway, address)
    asked = document("onboarding-info", {"code": code})
    told = (await gateway.post("/v1/onboarding-info/", asked))["data"]["attributes"]
    assert told["organization"] == {"id": organization, "display-name": "A place"}
    body = {"username": address, "password": PASSWORD % address, "referral-code": code, "first-name": "Nia"}
    assert (await gateway.post("/v1/sign-up/", body | {"last-name": "Owen"})) == {"account-type": "provider"}
    confirmation = {"username": address, "confirmation-code": await gateway.mailed_code(address), "login": True}
    tokens = await gateway.post("/v1/confirm-sign-up/", confirmation)
    assert (tokens["account-type"], tokens["organizations"]) == ("provider", [organization])
    nurse = Gateway(gateway.http, gateway.console, tokens)
    shown = await becomes(operator, made, "claimed")
    assert shown["claimed-by"] == nurse.user_id

    async def member() -> bool | None:
        found = await operator.get(f"/v1/individual-groups/{group}/?with-members=true")
        return True if nurse.user_id in [one["id"] for one in found["data"]["attributes"]["members"]] else None

    await until(member)
    rows = (await operator.get(f"/v1/user-organizations/?organization-id={organization}&user-id={nurse.user_id}"))[
        "data"
    ]
    assert [(row["attributes"]["account-type"], row["attributes"]["roles"]) for row in rows] == [
        ("provider", ["org.member"])
    ]
    again = await gateway.call("POST", "/v1/sign-up/", body | {"username": f"x{address}", "last-name": "Owen"})
    assert again.status_code == 400


async def test_a_patient_is_invited_by_sms_into_two_groups(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    groups = [await new_group(operator, organization) for _ in range(2)]
    attributes = {"owner-id": organization, "first-name": "Ines", "last-name": "Moreau"}
    individual = (await operator.post("/v1/individuals/", document("individuals", attributes)))["data"]["id"]
    number = f"+43664{secrets.randbelow(10**8):08}"
    made = await invite(operator, organization, patient=individual, phone_number=number, individual_group_ids=groups)
    await becomes(operator, made, "invited", "sms")
    code = await referral_code(gateway, f"{number}@{SMS_DOMAIN}")
    username = unique("ines")
    body = {"username": username, "password": PASSWORD % username, "referral-code": code, "source": "sms"}
    await gateway.post("/v1/sign-up/", body)
    confirmation = await gateway.mailed_code(f"{number}@{SMS_DOMAIN}")
    answer = {"username": username, "confirmation-code": confirmation, "login": True}
    patient = Gateway(gateway.http, gateway.console, await gateway.post("/v1/confirm-sign-up/", answer))
    assert (patient.tokens["account-type"], patient.tokens["first-name"]) == ("patient", "Ines")
    assert patient.tokens["individual"]["id"] == individual

    async def placed() -> bool | None:
        held = [
            (await operator.get(f"/v1/individual-groups/{group}/?with-individuals=true"))["data"]["attributes"]
            for group in groups
        ]
        return True if all(one["individual-ids"] == [individual] for one in held) else None

    await until(placed)
    own = (await patient.get(f"/v1/individuals/{individual}/"))["data"]["attributes"]
    assert (own["user-id"], own["first-name"]) == (patient.user_id, "Ines")
    filtered = f"/v1/onboarding-requests/?organization={organization}&patient-ids={individual}&with-invite=true"
    assert [row["attributes"]["status"] for row in (await operator.get(filtered))["data"]] == ["claimed"]


async def test_support_acts_as_a_user_once_somebody_else_allows_it(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    patient = await new_patient(gateway, await new_code(operator, organization))
    support = await new_support(operator)
    asked = document("impersonation-requests", {"user-id": patient.user_id, "reason": "Ticket 42"})
    made = (await support.post("/v1/impersonation-requests/", asked))["data"]["id"]
    path = f"/v1/impersonation-requests/{made}"
    assert (await support.call("POST", f"{path}/approve/", {})).status_code == 403
    assert (await support.call("POST", f"{path}/impersonate/", {})).status_code == 409
    await operator.post(f"{path}/approve/", {})
    tokens = await support.post(f"{path}/impersonate/", {"access-token-expiration-seconds": 600})
    assert (tokens["user-id"], tokens["impersonated-by"]["id"]) == (patient.user_id, support.user_id)
    actor = Gateway(gateway.http, gateway.console, tokens)
    await actor.get(f"/v1/users/{patient.user_id}/")
    await actor.get("/v1/user-organizations/")
    passwords = {"old-password": PASSWORD % patient.tokens["username"], "new-password": "an-entirely-other-phrase"}
    refused = await actor.call("POST", f"/v1/users/{patient.user_id}/change-password/", passwords)
    assert (refused.status_code, "impersonated" in refused.text) == (403, True)
    query = f"/v1/audit-events/?filter[impersonator-id]={support.user_id}&filter[action]=impersonated-call"

    async def kept() -> set[str] | None:
        rows = (await operator.get(query))["data"]
        services = {row["attributes"]["details"]["service"] for row in rows}
        return services if {"identity", "orgs"} <= services else None

    await until(kept)
    listed = (await patient.get("/v1/impersonation-requests/"))["data"]
    assert [(row["id"], row["attributes"]["state"]) for row in listed] == [(made, "approved")]
    await patient.post(f"{path}/deny/", {})

    async def ended() -> bool | None:
        return True if (await actor.raw("GET", "/v1/user-organizations/")).status_code == 401 else None

    await until(ended)
    assert (
        await actor.raw("POST", "/v1/refresh-token/", {"refresh-token": tokens["refresh-token"]})
    ).status_code == 401
    export = await operator.call("GET", f"/v1/audit-events/export?format=ndjson&filter[user-id]={patient.user_id}")
    assert "impersonation-used" in export.text


async def new_support(operator: Gateway) -> Gateway:
    """A member of the operator's support, signed in once identity knows of the role."""
    person = await new_staff(operator, await new_organization(operator))
    roles = (await operator.get("/v1/roles/?page[limit]=100"))["data"]
    role = next(row["id"] for row in roles if row["attributes"]["name"] == "system.support")
    body = document("roles", {"user-id": person.user_id})
    answer = await operator.call("POST", f"/v1/roles/{role}/add-user/", body)
    assert answer.is_success, answer.text
    username = person.tokens["username"]

    async def known() -> Gateway | None:
        again = await operator.sign_in(username, PASSWORD % username)
        listed = await again.call("GET", f"/v1/sessions/?filter[user-id]={operator.user_id}")
        return again if listed.status_code == 200 else None

    return await until(known)


@pytest.mark.parametrize("way", ["email", "phone-number"])
async def test_an_address_tells_a_stranger_nothing(operator: Gateway, gateway: Gateway, way: str) -> None:
    organization = await new_organization(operator)
    address = f"{unique('secret')}@mail.example" if way == "email" else f"+43664{secrets.randbelow(10**8):08}"
    known = {"patient_email" if way == "email" else "phone_number": address}
    await invite(operator, organization, **known)
    other = f"{unique('nobody')}@mail.example" if way == "email" else f"+43664{secrets.randbelow(10**8):08}"
    answers = [
        (await gateway.post("/v1/onboarding-info/", document("onboarding-info", {way: value})))["data"]["attributes"]
        for value in (address, other)
    ]
    assert answers[0] == answers[1]
