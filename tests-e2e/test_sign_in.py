"""Signing in with a second factor, and agreeing to an organization's terms."""

import time
from typing import Any

import httpx
from journeys import PASSWORD, Gateway, document, new_code, new_organization, new_patient, until
from pyotp.totp import TOTP

TOTP_PATH = "/v1/mfa-totp/"


def code(secret: str, later: int = 0) -> str:
    """The code of the present half minute, or of one `later`."""
    return TOTP(secret).generate_otp(int(time.time() // 30) + later)


async def login(gateway: Gateway, username: str, **fields: Any) -> httpx.Response:
    body = {"username": username, "password": PASSWORD % username}
    return await gateway.raw("POST", "/v1/login/", body | {name.replace("_", "-"): fields[name] for name in fields})


def reason(answer: httpx.Response) -> str:
    assert answer.status_code == 401, answer.text
    return answer.json()["errors"][0]["code"]


async def told(gateway: Gateway, address: str, subject: str) -> None:
    """Wait for a mail about the account."""

    async def arrived() -> bool | None:
        mails = (await gateway.http.get(f"{gateway.console}/mail.json", params={"to": address})).json()
        return True if subject in {mail["subject"] for mail in mails} else None

    await until(arrived)


async def test_a_second_factor_on_and_off(operator: Gateway, gateway: Gateway) -> None:
    patient = await new_patient(gateway, await new_code(operator, await new_organization(operator)))
    username = patient.tokens["username"]
    made = (await patient.post(TOTP_PATH, {}))["data"]
    secret = made["attributes"]["secret"]["shared-secret-key"]
    path = f"{TOTP_PATH}{made['id']}/"
    given = {"codes": [code(secret, -1), code(secret)], "password": PASSWORD % username}
    enabled = (await patient.post(f"{path}enable/", given))["data"]["attributes"]
    await told(gateway, username, "Signing in now takes a second step")
    assert reason(await login(gateway, username)) == "totp-required"
    following = code(secret, 1)
    signed_in = await login(gateway, username, totp_code=following)
    assert signed_in.status_code == 201, signed_in.text
    assert reason(await login(gateway, username, totp_code=following)) == "invalid-totp-code"
    recovery = enabled["recovery-codes"][0]
    assert (await login(gateway, username, totp_code=recovery)).status_code == 201
    assert reason(await login(gateway, username, totp_code=recovery)) == "invalid-totp-code"
    await told(gateway, username, "A recovery code of your account was used")
    await patient.post(f"{path}disable/", {"password": PASSWORD % username})
    await told(gateway, username, "Signing in no longer takes a second step")
    assert (await login(gateway, username)).status_code == 201
    assert (await patient.call("DELETE", path)).status_code == 204


async def test_terms_are_agreed_to_before_signing_in(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    patient = await new_patient(gateway, await new_code(operator, organization))
    username = patient.tokens["username"]
    terms = {
        "organization-id": organization,
        "type": "terms",
        "version": "2026-01",
        "title": "Terms of use",
        "html": "<h1>Terms</h1><script>steal()</script><p>Be kind.</p>",
    }
    published = (await operator.post("/v1/service-documents/", document("service-documents", terms)))["data"]
    refused = await login(gateway, username)
    assert reason(refused) == "service-documents-required"
    (shown,) = refused.json()["errors"][0]["meta"]["service-documents"]
    assert (shown["id"], shown["title"]) == (published["id"], "Terms of use")
    page = await gateway.http.get(shown["html-link"], params={"html": "true", "reflow": "true"})
    assert "Be kind." in page.text
    assert "steal" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    agreed = await login(gateway, username, service_document_agreements=[published["id"]])
    assert agreed.status_code == 201, agreed.text
    assert (await login(gateway, username)).status_code == 201
    await operator.post(f"/v1/users/{patient.user_id}/delete-service-document-agreements/", {})
    assert reason(await login(gateway, username)) == "service-documents-required"
    taken_back = await operator.call("DELETE", f"/v1/service-documents/{published['id']}/")
    assert taken_back.status_code == 204, "the operator belongs to the organization and signs in later, too"
