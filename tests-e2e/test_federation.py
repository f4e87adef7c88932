"""An organization's people sign in at its own provider (npm's oidc-provider) and work where its groups put them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from journeys import Gateway, document, new_organization, unique, until
from platforms import Platform
from testkit import node

FOLDER = Path(__file__).parents[1] / "services" / "identity" / "tests" / "upstream_provider"
APPLICATION = "https://app.place.example/signed-in"
CLIENT = {"client_id": "muster", "client_secret": "only between the two of them", "grant_types": ["authorization_code"]}
NURSE = {"email": "nurse@place.example", "email_verified": True, "given_name": "Florence", "groups": ["nurses"]}


@pytest.fixture
def provider(platform: Platform, tmp_path: Path) -> Iterator[str]:
    """The address of a certified OpenID Provider on this machine, which knows one person."""
    if platform.home is None:
        pytest.fail("this journey needs a platform that reaches servers of this machine")
    client = {**CLIENT, "redirect_uris": [f"{platform.gateway}/v1/oauth2-redirector/"], "response_types": ["code"]}
    accounts = json.dumps({"nurse": NURSE})
    server = node.serve(FOLDER, "provider.mjs", tmp_path, CLIENTS=json.dumps([client]), ACCOUNTS=accounts)
    yield server.url
    server.stop()


async def through(browser: httpx.AsyncClient, address: str) -> str:
    """Go through the provider's pages as the nurse; where the application is told to go on."""
    answer = await browser.get(address)
    while not (answer.has_redirect_location and answer.headers["location"].startswith(APPLICATION)):
        if answer.has_redirect_location:
            answer = await browser.get(httpx.URL(str(answer.url)).join(answer.headers["location"]))
            continue
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        assert prompt, f"{answer.status_code} {answer.text}"
        answer = await browser.post(
            str(answer.url), data={"prompt": prompt[1], "login": "nurse", "password": "theirs alone"}
        )
    return answer.headers["location"]


async def set_up(operator: Gateway, organization: str, provider: str, group: str) -> str:
    """A provider of the organization, once identity knows of it; the address where signing in begins."""
    attributes: dict[str, Any] = {
        "organization-id": organization,
        "name": "Place",
        "protocol": "oidc",
        "issuer": provider,
        "client-id": CLIENT["client_id"],
        "client-secret": CLIENT["client_secret"],
        "redirect-addresses": [APPLICATION],
        "group-rules": [{"value": "nurses", "role": "org.admin", "group-id": group}],
    }

    async def made() -> str | None:
        answer = await operator.call("POST", "/v1/identity-providers/", document("identity-providers", attributes))
        return answer.json()["data"]["attributes"]["sign-in-url"] if answer.status_code == 201 else None

    return await until(made)


async def test_from_the_provider_into_the_organization(operator: Gateway, gateway: Gateway, provider: str) -> None:
    organization = await new_organization(operator)
    place = {"name": unique("ward"), "organization-id": organization, "node-type": "group"}
    ward = (await operator.post("/v1/individual-groups/", document("individual-groups", place)))["data"]["id"]
    start = await set_up(operator, organization, provider, ward)
    async with httpx.AsyncClient(timeout=20) as browser:
        told = parse_qs(urlsplit(await through(browser, start)).query)
    tokens = await gateway.post("/v1/login/exchange/", {"code": told["code"][0]})
    nurse = Gateway(gateway.http, gateway.console, tokens)
    assert (tokens["first-name"], tokens["organization-id"]) == ("Florence", organization)

    async def in_the_ward() -> list[str] | None:
        found = await operator.get(f"/v1/individual-groups/{ward}/?with-members=true")
        return [one["id"] for one in found["data"]["attributes"]["members"]] or None

    assert await until(in_the_ward) == [nurse.user_id]

    async def administers() -> bool | None:
        body = {"name": unique("room"), "organization-id": organization, "node-type": "group"}
        answer = await nurse.call("POST", "/v1/individual-groups/", document("individual-groups", body))
        return True if answer.status_code == 201 else None

    await until(administers)
    again = await gateway.raw("POST", "/v1/login/exchange/", {"code": told["code"][0]})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (401, "invalid-code")
