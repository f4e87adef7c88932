"""Signing in to an application through the provider, behind the gateway: pages, cookies, tokens, and signing out."""

import base64
import hashlib
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet
from journeys import PASSWORD, Gateway, document, new_code, new_organization, new_patient, until

CALLBACK = "https://app.example/callback"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class Browser(httpx.AsyncClient):
    """A browser: it keeps cookies and follows redirects as long as they stay at the platform."""

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        while answer.status_code == 303 and not urlsplit(answer.headers["location"]).netloc:
            answer = await self.get(answer.headers["location"])
        return answer

    async def submit(self, page: httpx.Response, **typed: str) -> httpx.Response:
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)
        assert action, page.text
        form = {**dict(HIDDEN.findall(page.text)), "answer": "go", **typed}
        return await self.follow(await self.post(action[1], data=form))


async def registered(admin: Gateway, organization: str, **more: Any) -> dict[str, Any]:
    """A client of an organization, as soon as identity has heard of that."""
    attributes = {"name": "Care app", "organization-id": organization, "redirect-uris": [CALLBACK], **more}
    body = document("oauth2-client-settings", attributes)

    async def made() -> dict[str, Any] | None:
        answer = await admin.call("POST", "/v1/oauth2-client-settings/", body)
        assert answer.status_code in {201, 404}, answer.text
        return answer.json()["data"]["attributes"] if answer.status_code == 201 else None

    return await until(made)


async def test_a_person_signs_in_to_an_application(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    patient = await new_patient(gateway, await new_code(operator, organization))
    app = await registered(operator, organization)
    http, username = gateway.http, patient.tokens["username"]
    known = (await http.get("/.well-known/openid-configuration")).json()
    assert known["issuer"] == str(http.base_url).rstrip("/")
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "client_id": app["client-id"],
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid email offline_access",
        "state": "journey",
        "nonce": "once",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    async with Browser(base_url=http.base_url, timeout=20) as browser:
        page = await browser.follow(await browser.get(known["authorization_endpoint"], params=asked))
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        page = await browser.submit(page, username=username, password=PASSWORD % username)
        answer = await browser.submit(page)
        told = parse_qs(urlsplit(answer.headers["location"]).query)
        assert (told["state"], told["iss"]) == (["journey"], [known["issuer"]])
        credential = (app["client-id"], app["secret"])
        form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": verifier}
        got = await http.post(known["token_endpoint"], data={**form, "code": told["code"][0]}, auth=credential)
        assert got.status_code == 200, got.text
        tokens = got.json()
        keys = KeySet.import_key_set((await http.get(known["jwks_uri"])).json())
        said = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"]).claims
        assert (said["aud"], said["nonce"], said["sub"]) == (app["client-id"], "once", patient.user_id)
        bearer = {"authorization": f"Bearer {tokens['access_token']}"}
        about = (await http.get(known["userinfo_endpoint"], headers=bearer)).json()
        assert (about["sub"], about["email"]) == (patient.user_id, username)
        assert (await http.get("/v1/organizations/", headers=bearer)).status_code == 403
        silent = await browser.get(known["authorization_endpoint"], params={**asked, "prompt": "none"})
        assert "code=" in silent.headers["location"]
        ended = await browser.get(known["end_session_endpoint"], params={"id_token_hint": tokens["id_token"]})
        assert ended.status_code == 303
        after = await browser.get(known["authorization_endpoint"], params={**asked, "prompt": "none"})
        assert "error=login_required" in after.headers["location"]


async def test_an_application_speaks_for_itself(operator: Gateway, gateway: Gateway) -> None:
    machine = {"grant-types": ["client_credentials"], "scopes": ["cohort:read"], "redirect-uris": []}
    app = await registered(operator, await new_organization(operator), **machine)
    credential, form = (app["client-id"], app["secret"]), {"grant_type": "client_credentials"}
    answer = await gateway.http.post("/oauth2/token", data=form, auth=credential)
    assert answer.status_code == 200, answer.text
    asked = {"token": answer.json()["access_token"]}
    assert (await gateway.http.post("/oauth2/introspect", data=asked, auth=credential)).json()["active"] is True
    assert (await gateway.http.post("/oauth2/token", data=form, auth=(app["client-id"], "wrong"))).status_code == 401
