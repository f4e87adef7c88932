"""A SMART on FHIR launch from an electronic health record, which the tests' own server plays."""

from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from identity_world import codes
from own_provider import OwnProvider
from testkit.client import BASE_URL
from upstreams import APPLICATION, SECRET, Federation


@pytest_asyncio.fixture
async def record(federation: Federation, own_provider: OwnProvider) -> str:
    answer = await federation.create(
        **{
            "protocol": "oidc",
            "fhir-url": own_provider.fhir,
            "client-id": "smart-app",
            "client-secret": SECRET,
            "redirect-addresses": [APPLICATION],
        }
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["id"]


@pytest.mark.usefixtures("record")
@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_launch_signs_in(federation: Federation, own_provider: OwnProvider, slash: str) -> None:
    browser = federation.browser()
    launched = await browser.get(
        "/v1/oauth2-launcher/", params={"iss": own_provider.fhir + slash, "launch": "xyz 123", "extra": "1"}
    )
    assert launched.status_code == 303, launched.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(launched.headers["location"]).query).items()}
    assert asked["aud"] == own_provider.fhir
    assert asked["launch"] == "xyz 123"
    assert set(asked["scope"].split()) == {"launch", "openid", "fhirUser"}
    assert asked["redirect_uri"] == f"{BASE_URL}/v1/oauth2-redirector/"
    assert asked["code_challenge_method"] == "S256"
    own_provider.claims = {"fhirUser": f"{own_provider.fhir}/Practitioner/7"}
    came = await browser.get(own_provider.authorize(launched.headers["location"], "practitioner-7"))
    assert came.headers["location"].startswith(f"{APPLICATION}?code=")
    tokens = (await federation.exchanged(came)).json()
    assert tokens["organizations"] == [str(federation.organization_id)]
    assert own_provider.form["redirect_uri"] == asked["redirect_uri"]


@pytest.mark.usefixtures("record")
async def test_a_server_that_nobody_set_up_is_never_asked(federation: Federation, own_provider: OwnProvider) -> None:
    for issuer in (
        own_provider.url,
        f"{own_provider.fhir}x",
        f"{own_provider.fhir}/../fhir",
        "https://evil.test/fhir",
        "http://169.254.169.254/",
    ):
        refused = await federation.browser().get("/v1/oauth2-launcher/", params={"iss": issuer, "launch": "x"})
        assert (refused.status_code, codes(refused)) == (400, ["no-identity-provider"])
    for parameters in ({}, {"iss": own_provider.fhir}, {"iss": own_provider.fhir, "launch": "x" * 1025}):
        assert (await federation.browser().get("/v1/oauth2-launcher/", params=parameters)).status_code == 400


async def test_one_server_launches_into_one_organization(
    federation: Federation, own_provider: OwnProvider, record: str
) -> None:
    body = {"protocol": "oidc", "fhir-url": own_provider.fhir, "client-id": "x", "client-secret": SECRET}
    refused = await federation.create(**body)
    assert (refused.status_code, codes(refused)) == (409, ["taken"])
    await federation.change(record, enabled=False)
    parameters = {"iss": own_provider.fhir, "launch": "x"}
    assert (await federation.browser().get("/v1/oauth2-launcher/", params=parameters)).status_code == 400


async def test_a_server_without_sign_in_is_refused(federation: Federation, own_provider: OwnProvider) -> None:
    own_provider.configuration = {"jwks_uri": None}
    refused = await federation.create(
        **{"protocol": "oidc", "fhir-url": own_provider.fhir, "client-id": "x", "client-secret": SECRET}
    )
    assert (refused.status_code, codes(refused)) == (400, ["invalid-metadata"])
    assert refused.json()["errors"][0]["source"] == {"pointer": "/data/attributes/fhir-url"}
