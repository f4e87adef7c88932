"""Signing in by the domain of one's organization."""

import base64
import zlib
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from identity_world import codes
from saml_idp import SIGN_IN, Keys, SamlProvider
from upstreams import APPLICATION, Federation


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> str:
    return SamlProvider(Keys(tmp_path_factory.mktemp("saml"))).metadata


@pytest_asyncio.fixture
async def provider(federation: Federation, metadata: str) -> str:
    answer = await federation.create(
        **{"protocol": "saml", "metadata": metadata, "redirect-addresses": [APPLICATION], "domains": ["clinic.test"]}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["id"]


async def test_the_browser_is_sent_to_the_provider_of_a_verified_domain(federation: Federation, provider: str) -> None:
    browser = federation.browser()
    early = await browser.get("/v1/saml-login/", params={"domain": "clinic.test"})
    assert (early.status_code, codes(early)) == (400, ["no-identity-provider"])
    await federation.own(provider, "clinic.test")
    asked = {"domain": "CLINIC.test", "email-address": "ann@clinic.test", "next": f"{APPLICATION}?x=1"}
    sent = await browser.get("/v1/saml-login/", params=asked)
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"].startswith(f"{SIGN_IN}?")
    query = parse_qs(urlsplit(sent.headers["location"]).query)
    assert {"SAMLRequest", "RelayState", "SigAlg", "Signature", "login_hint"} == set(query)
    request = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15).decode()
    assert query["login_hint"] == ["ann@clinic.test"]
    assert f"/v1/saml-acs/{provider}/acs/" in request


async def test_what_is_not_taken(federation: Federation, provider: str) -> None:
    await federation.own(provider, "clinic.test")
    browser = federation.browser()
    for parameters in (
        {},
        {"domain": ""},
        {"domain": "x" * 256},
        {"domain": "another.test"},
        {"domain": "clinic.test", "next": "https://evil.test/"},
        {"domain": "clinic.test", "next": f"{APPLICATION}x"},
        {"domain": "clinic.test", "more": "x"},
    ):
        assert (await browser.get("/v1/saml-login/", params=parameters)).status_code == 400, parameters
    await federation.change(provider, enabled=False)
    assert (await browser.get("/v1/saml-login/", params={"domain": "clinic.test"})).status_code == 400
