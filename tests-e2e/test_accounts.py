"""What people do with their accounts, with codes by mail and by SMS, through the gateway."""

import asyncio
import secrets
from typing import Any

import pytest
from journeys import PASSWORD, Gateway, new_code, new_organization, new_patient, unique, until

SMS_DOMAIN = "sms.muster.example"


def phone() -> str:
    """A number that nobody has used."""
    return f"+43664{secrets.randbelow(10**8):08}"


async def texted_code(gateway: Gateway, number: str, *, after: int = 0) -> str:
    """The code of the newest text to a number: the local platform's mailbox shows texts, too."""
    return await gateway.mailed_code(f"{number}@{SMS_DOMAIN}", after=after)


async def subjects(gateway: Gateway, address: str, wanted: str) -> list[str]:
    """The subjects of the mails to an address, once the wanted one is among them."""

    async def asked() -> list[str] | None:
        answer = await gateway.http.get(f"{gateway.console}/mail.json", params={"to": address})
        found = [mail["subject"] for mail in answer.json()]
        return found if wanted in found else None

    return await until(asked)


async def patient_by_sms(operator: Gateway, gateway: Gateway, number: str) -> Gateway:
    """Somebody who signed up with their phone and nothing else, and was signed in by the confirmation."""
    body = {
        "username": unique("phone"),
        "password": PASSWORD % number,
        "first-name": "Noor",
        "last-name": "Haddad",
        "organization-code": await new_code(operator, await new_organization(operator)),
        "contact-phone-mobile": number,
        "source": "sms",
        "set-username": "phone",
    }
    await gateway.post("/v1/sign-up/", body)
    code = await texted_code(gateway, number)
    confirmation = {"username": number, "confirmation-code": code, "login": True, "tz": "Europe/Vienna"}
    tokens = await gateway.post("/v1/confirm-sign-up/", confirmation)
    assert (tokens["account-type"], tokens["tz"]) == ("patient", "Europe/Vienna")
    return Gateway(gateway.http, gateway.console, tokens)


async def shown(person: Gateway) -> dict[str, Any]:
    return (await person.get(f"/v1/users/{person.user_id}/"))["data"]["attributes"]


@pytest.fixture
async def patient(operator: Gateway, gateway: Gateway) -> Gateway:
    return await new_patient(gateway, await new_code(operator, await new_organization(operator)))


async def test_signing_up_and_forgetting_the_password_by_sms(operator: Gateway, gateway: Gateway) -> None:
    number = phone()
    person = await patient_by_sms(operator, gateway, number)
    account = await shown(person)
    assert (account["username"], account["phone"], account["phone-verified"]) == (number, number, True)
    await gateway.post("/v1/forgot-password/", {"username": number, "source": "sms"})
    code = await texted_code(gateway, number, after=1)
    body = {"username": number, "confirmation-code": code, "password": "quite-Another-phrase-9", "login": True}
    tokens = await gateway.post("/v1/confirm-forgot-password/", body)
    assert tokens["user-id"] == person.user_id
    again = await gateway.call("POST", "/v1/confirm-forgot-password/", body)
    assert again.status_code == 400
    await gateway.sign_in(f" {number[:3]} {number[3:6]} {number[6:]}", "quite-Another-phrase-9")


async def test_another_address(gateway: Gateway, patient: Gateway) -> None:
    before, after = patient.tokens["username"], f"{unique('new')}@mail.example"
    path = f"/v1/users/{patient.user_id}"
    await patient.post(f"{path}/change-email/", {"email": after})
    await subjects(gateway, before, "A new e-mail address was asked for")
    assert (await shown(patient))["email"] == before
    code = await gateway.mailed_code(after)
    await patient.post(f"{path}/confirm-email/", {"confirmation-code": code})
    account = await shown(patient)
    assert (account["email"], account["username"], account["email-verified"]) == (after, after, True)
    await subjects(gateway, before, "Your e-mail address was changed")
    await gateway.sign_in(after, PASSWORD % before)
    reused = await patient.call("POST", f"{path}/confirm-email/", {"confirmation-code": code})
    assert reused.status_code == 400


async def test_another_password(gateway: Gateway, patient: Gateway) -> None:
    username = patient.tokens["username"]
    other = await gateway.sign_in(username, PASSWORD % username)
    body = {"old-password": PASSWORD % username, "new-password": "an-Entirely-new-phrase-3"}
    await patient.post(f"/v1/users/{patient.user_id}/change-password/", body)
    await subjects(gateway, username, "Your password was changed")

    async def ended() -> bool | None:
        return True if (await other.raw("GET", "/v1/sessions/")).status_code == 401 else None

    await until(ended)
    gone = await gateway.call("POST", "/v1/refresh-token/", {"refresh-token": other.tokens["refresh-token"]})
    assert gone.status_code == 401
    assert (await patient.get("/v1/sessions/"))["meta"]["page[total]"] == 1
    await gateway.sign_in(username, "an-Entirely-new-phrase-3")


async def test_a_phone_number_and_then_a_password_by_it(gateway: Gateway, patient: Gateway) -> None:
    number, path = phone(), f"/v1/users/{patient.user_id}/confirm-phone/"
    await patient.post(path, {"phone-number": number})
    code = await texted_code(gateway, number)
    wrong = {"phone-number": number, "confirmation-code": "00000000" if code != "00000000" else "00000001"}
    assert (await patient.call("POST", path, wrong)).status_code == 400
    await patient.post(path, {"phone-number": number, "confirmation-code": code})
    assert (await shown(patient))["phone-verified"]
    username = patient.tokens["username"]
    await subjects(gateway, username, "Your phone number was changed")
    await gateway.post("/v1/forgot-password/", {"username": username, "source": "sms"})
    code = await texted_code(gateway, number, after=1)
    body = {"username": username, "confirmation-code": code, "password": "by-Text-message-only-5", "source": "sms"}
    await gateway.post("/v1/confirm-forgot-password/", body)
    await gateway.sign_in(username, "by-Text-message-only-5")


async def test_who_holds_a_copy_and_what_was_done(operator: Gateway, patient: Gateway) -> None:
    async def copied() -> set[str] | None:
        answer = await patient.get(f"/v1/user-replications/?user-id={patient.user_id}")
        found = {row["attributes"]["service"] for row in answer["data"]}
        return found if {"orgs", "artifacts"} <= found else None

    assert "notifications" not in await until(copied)
    activities = await patient.get("/v1/user-activities/")
    assert [row["attributes"]["event-type"] for row in activities["data"]] == ["login", "sreg"]
    individual = patient.tokens["individual"]["id"]
    report = {"source": "ios", "app-version": "1.2", "model": "iPhone", "os-version": "17"}
    await patient.post("/v1/user-checkins/", {"data": {"type": "user-checkins", "attributes": report}})
    listed = await operator.get(f"/v1/user-checkins/?individual-id={individual}&summary=true")
    assert [row["attributes"]["app-version"] for row in listed["data"]] == ["1.2"]
    copying = await operator.get("/v1/replicators/")
    rows = {row["attributes"]["classpath"]: row for row in copying["data"]}
    assert {"orgs", "authz", "artifacts", "notifications"} & set(rows) >= {"orgs", "artifacts", "notifications"}
    one = await operator.get(f"/v1/replicators/{rows['orgs']['id']}/")
    assert one["data"]["attributes"]["last-poll-time"] is not None
    assert (await patient.call("GET", "/v1/replicators/")).status_code == 403


async def test_a_code_wins_once_through_the_gateway(gateway: Gateway, patient: Gateway) -> None:
    path, address = f"/v1/users/{patient.user_id}", f"{unique('race')}@mail.example"
    await patient.post(f"{path}/change-email/", {"email": address})
    body = {"confirmation-code": await gateway.mailed_code(address)}
    answers = await asyncio.gather(*(patient.raw("POST", f"{path}/confirm-email/", body) for _ in range(16)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 201
    assert set(statuses[1:]) <= {400, 429}
