"""Setting identity providers up: what is taken, what is refused, what others see."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from access_federation import HOME, METADATA
from contracts.identity import IdentityProviderChanged
from identity_world import World, codes, pointers
from own_provider import OwnProvider
from saml_idp import ENTITY, Keys, SamlProvider
from testkit.client import BASE_URL
from testkit.races import race
from upstreams import APPLICATION, PATH, SECRET, Federation, Names, code_in

Json = dict[str, Any]
DOCUMENT = {"protocol": "oidc", "metadata": METADATA, "client-id": "x", "client-authentication": "none"}


async def made(federation: Federation, **attributes: Any) -> Json:
    answer = await federation.create(**{**DOCUMENT, **attributes})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def test_a_provider_is_set_up_read_changed_and_removed(federation: Federation, upstream: str) -> None:
    provider = await federation.oidc(upstream, domains=["Clinic.TEST."])
    shown = provider["attributes"]
    assert shown["issuer"] == upstream
    assert shown["metadata-url"] == f"{upstream}/.well-known/openid-configuration"
    assert shown["redirect-url"] == f"{BASE_URL}/v1/oauth2-redirector/"
    assert shown["client-secret-set"] is True
    assert SECRET not in str(provider)
    assert [(one["domain"], one["verified"]) for one in shown["domains"]] == [("clinic.test", False)]
    changed = await federation.change(provider["id"], name="Another", **{"just-in-time": False})
    assert changed.json()["data"]["attributes"]["name"] == "Another"
    listed = await federation.admin.get(PATH, params={"filter[organization-id]": str(federation.organization_id)})
    assert [row["id"] for row in listed.json()["data"]] == [provider["id"]]
    assert listed.json()["data"][0] == (await federation.admin.get(f"{PATH}{provider['id']}/")).json()["data"]
    assert (await federation.admin.delete(f"{PATH}{provider['id']}/")).status_code == 204
    assert (await federation.admin.get(f"{PATH}{provider['id']}/")).status_code == 404
    told = [event.change for event in await federation.world.events(IdentityProviderChanged)]
    assert told == ["created", "updated", "deleted"]
    trail = await federation.world.rows(
        "SELECT action FROM audit_events WHERE target = :it", it=f"identity-providers:{provider['id']}"
    )
    assert [row.action.removeprefix("identity-provider-") for row in trail] == told


async def test_secrets_are_sealed_at_rest(federation: Federation, upstream: str) -> None:
    provider = await federation.oidc(upstream)
    row = (await federation.world.rows("SELECT * FROM identity_providers WHERE id = :id", id=UUID(provider["id"])))[0]
    assert SECRET.encode() not in bytes(row.client_secret)
    assert SECRET not in str(row)


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"metadata": None}, "issuer"),
        ({"metadata": "{"}, "metadata"),
        ({"metadata": "[]"}, "metadata"),
        ({"metadata": "{}"}, "metadata"),
        ({"metadata": METADATA, "metadata-url": "https://idp.invalid/x"}, "metadata-url"),
        ({"metadata": METADATA.replace(f"{HOME}/keys", "https://10.0.0.1/keys")}, "metadata"),
        ({"metadata": METADATA.replace(f"{HOME}/token", "http://idp.invalid/token")}, "metadata"),
        ({"metadata": METADATA[:-1] + ',"id_token_signing_alg_values_supported":["none","HS256"]}'}, "metadata"),
        ({"metadata": METADATA, "issuer": "https://another.invalid"}, "metadata"),
        ({"metadata": None, "metadata-url": "https://10.0.0.1/x"}, "metadata-url"),
        ({"metadata": None, "metadata-url": "https://[::ffff:169.254.169.254]/x"}, "metadata-url"),
        ({"metadata": None, "issuer": "http://idp.invalid"}, "issuer"),
        ({"metadata": None, "issuer": "https://idp.invalid"}, "issuer"),
        ({"metadata": None, "issuer": "file:///etc/passwd"}, "issuer"),
        ({"metadata": None, "fhir-url": "https://192.168.1.1/fhir"}, "fhir-url"),
        ({"client-id": None}, "client-id"),
        ({"client-authentication": "client_secret_basic"}, "client-secret"),
        ({"allow-unsolicited": True}, "allow-unsolicited"),
        ({"redirect-addresses": [APPLICATION, "http://app.clinic.test/"]}, "redirect-addresses/1"),
        ({"redirect-addresses": ["https://app.clinic.test/?x=1"]}, "redirect-addresses/0"),
        ({"redirect-addresses": ["javascript:alert(1)"]}, "redirect-addresses/0"),
        ({"group-rules": [{"value": "x"}]}, "group-rules/0"),
        ({"domains": ["clinic"]}, "domains/0"),
        ({"domains": ["clinic.test", "a b.test"]}, "domains/1"),
        ({"domains": ["-.test"]}, "domains/0"),
    ],
)
async def test_what_is_not_taken(federation: Federation, attributes: Json, pointer: str) -> None:
    body = {name: value for name, value in (DOCUMENT | attributes).items() if value is not None}
    refused = await federation.create(**body)
    assert refused.status_code == 400, refused.text
    assert pointers(refused) == [f"/data/attributes/{pointer}"], refused.text


async def test_metadata_that_answer_with_something_else(federation: Federation, own_provider: OwnProvider) -> None:
    for address in ("/token", "/nothing", "/me"):
        refused = await federation.create(
            **{"protocol": "oidc", "metadata-url": own_provider.url + address, "client-id": "x", "client-secret": "y"}
        )
        assert (refused.status_code, codes(refused)) == (400, ["unreached-document"])
    own_provider.configuration = {"issuer": "https://another.test"}
    refused = await federation.create(
        **{"protocol": "oidc", "issuer": own_provider.url, "client-id": "x", "client-secret": "y"}
    )
    assert (refused.status_code, codes(refused)) == (400, ["invalid-metadata"])


SAML = "urn:oasis:names:tc:SAML:2.0"


@pytest.fixture(scope="module")
def saml_metadata(tmp_path_factory: pytest.TempPathFactory) -> str:
    return SamlProvider(Keys(tmp_path_factory.mktemp("saml"))).metadata


async def test_saml_metadata_are_read(federation: Federation, saml_metadata: str) -> None:
    answer = await federation.create(protocol="saml", metadata=saml_metadata)
    assert answer.status_code == 201, answer.text
    shown = answer.json()["data"]["attributes"]
    assert shown["issuer"] == ENTITY
    place = f"{BASE_URL}/v1/saml-acs/{answer.json()['data']['id']}"
    assert shown["service-provider"]["acs-url"] == f"{place}/acs/"
    assert shown["service-provider"]["logout-url"] == f"{place}/logout/"
    described = await federation.browser().get(f"{place}/metadata/")
    assert 'AuthnRequestsSigned="true"' in described.text
    assert 'use="encryption"' not in described.text


async def test_saml_metadata_that_are_not_taken(federation: Federation, saml_metadata: str) -> None:
    certificate = saml_metadata.partition("X509Certificate>")[2].partition("</")[0]
    for metadata in (
        "x",
        "<x/>",
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{saml_metadata}',
        saml_metadata.replace("IDPSSODescriptor", "SPSSODescriptor"),
        saml_metadata.replace("HTTP-Redirect", "HTTP-Artifact"),
        saml_metadata.replace(certificate, "AAAA"),
        saml_metadata.replace(f'entityID="{ENTITY}"', 'entityID=""'),
        saml_metadata.replace("https://idp.clinic.test/sign-in", "http://10.0.0.1/sign-in"),
        saml_metadata.replace("https://idp.clinic.test/sign-in", "javascript:alert(1)"),
    ):
        refused = await federation.create(protocol="saml", metadata=metadata)
        assert refused.status_code == 400, metadata[:200]
        assert pointers(refused) == ["/data/attributes/metadata"]


async def test_other_organizations_see_nothing(federation: Federation, upstream: str) -> None:
    world, provider = federation.world, (await federation.oidc(upstream))["id"]
    stranger = world.client.as_(user_id=await world.staff(uuid4(), "org.admin"))
    body = {"data": {"type": "identity-providers", "id": provider, "attributes": {"name": "x"}}}
    for answer in (
        await stranger.get(f"{PATH}{provider}/"),
        await stranger.patch(f"{PATH}{provider}/", json=body),
        await stranger.delete(f"{PATH}{provider}/"),
        await stranger.post(f"{PATH}{provider}/test/", json={}),
        await stranger.post(f"{PATH}{provider}/verify-domain/", json={"domain": "clinic.test"}),
        await stranger.get(PATH, params={"filter[organization-id]": str(federation.organization_id)}),
    ):
        assert answer.status_code == 404


async def test_who_changes_it_has_shown_themselves_lately(federation: Federation) -> None:
    """A provider lets people in, so it is changed as credentials are (RFC 9470)."""
    provider = (await made(federation, domains=["clinic.test"]))["id"]
    stale = federation.world.client.as_(user_id=federation.admin_id, auth_time=1_600_000_000)
    change = {"data": {"type": "identity-providers", "id": provider, "attributes": {"enabled": False}}}
    body = {"organization-id": str(federation.organization_id), "name": "x", **DOCUMENT}
    for answer in (
        await stale.post(PATH, json={"data": {"type": "identity-providers", "attributes": body}}),
        await stale.patch(f"{PATH}{provider}/", json=change),
        await stale.delete(f"{PATH}{provider}/"),
        await stale.post(f"{PATH}{provider}/verify-domain/", json={"domain": "clinic.test"}),
    ):
        assert (answer.status_code, codes(answer)) == (401, ["insufficient-user-authentication"])
    assert (await stale.get(f"{PATH}{provider}/")).status_code == 200


async def test_a_domain_is_shown_by_its_record(federation: Federation) -> None:
    provider = (await made(federation, domains=["clinic.test", "münchen.test"]))["id"]
    for domain in ("clinic.test", "another.test", "xyz"):
        refused = await federation.admin.post(f"{PATH}{provider}/verify-domain/", json={"domain": domain})
        assert refused.status_code == (400 if domain == "clinic.test" else 404)
    federation.names.records["_muster-challenge.clinic.test"] = ["muster-domain-verification=another"]
    refused = await federation.admin.post(f"{PATH}{provider}/verify-domain/", json={"domain": "clinic.test"})
    assert (refused.status_code, codes(refused)) == (400, ["domain-not-verified"])
    verified = await federation.own(provider, "clinic.test")
    assert verified.status_code == 201, verified.text
    shown = {one["domain"]: one["verified"] for one in verified.json()["data"]["attributes"]["domains"]}
    assert shown == {"clinic.test": True, "xn--mnchen-3ya.test": False}
    assert (await federation.own(provider, "xn--mnchen-3ya.test")).status_code == 201
    kept = await federation.change(provider, domains=["clinic.test", "more.test"])
    shown = {one["domain"]: one["verified"] for one in kept.json()["data"]["attributes"]["domains"]}
    assert shown == {"clinic.test": True, "more.test": False}


async def test_a_domain_belongs_to_one_provider(federation: Federation) -> None:
    one, two = [(await made(federation, domains=["clinic.test"]))["id"] for _ in range(2)]
    assert (await federation.own(one, "clinic.test")).status_code == 201
    refused = await federation.own(two, "clinic.test")
    assert (refused.status_code, codes(refused)) == (409, ["taken"])
    await federation.change(one, domains=[])
    assert (await federation.own(two, "clinic.test")).status_code == 201


async def test_a_name_server_that_is_silent(federation: Federation) -> None:
    provider = (await made(federation, domains=["clinic.test"]))["id"]
    federation.names.transport.close()
    answer = await federation.admin.post(f"{PATH}{provider}/verify-domain/", json={"domain": "clinic.test"})
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_a_provider_is_tried_out(federation: Federation, upstream: str, own_provider: OwnProvider) -> None:
    provider = (await federation.oidc(upstream))["id"]
    tested = (await federation.admin.post(f"{PATH}{provider}/test/", json={})).json()
    assert (tested["ok"], [check["name"] for check in tested["checks"]]) == (
        True,
        ["metadata", "keys", "domains", "redirect-addresses"],
    )
    broken = (await federation.oidc(own_provider.url, domains=["clinic.test"]))["id"]
    own_provider.configuration = {"issuer": "https://another.test", "jwks_uri": f"{own_provider.url}/nothing"}
    tested = (await federation.admin.post(f"{PATH}{broken}/test/", json={})).json()
    assert tested["ok"] is False
    assert {check["name"]: check["ok"] for check in tested["checks"]} == {
        "metadata": False,
        "keys": True,
        "domains": False,
        "redirect-addresses": True,
    }


async def test_an_organization_has_only_so_many(federation: Federation) -> None:
    for _ in range(20):
        await made(federation)
    refused = await federation.create(**DOCUMENT)
    assert (refused.status_code, codes(refused)) == (409, ["too-many-providers"])


async def test_of_many_at_once_one_counts(live_world: World, own_provider: OwnProvider) -> None:
    """A state, a code and the first arrival of a person: each is there once, however many come at once."""
    runtime = live_world.runtime
    before = runtime.settings
    runtime.settings = msgspec.structs.replace(before, outside_allowed="127.0.0.0/8")
    federation = Federation(live_world, Names())
    await federation.arrange()
    provider = (await federation.oidc(own_provider.url))["id"]
    browser = federation.browser()
    back = own_provider.authorize(await federation.start(browser, provider))
    answers = await race(lambda _: browser.get(back))
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 15
    code = code_in(next(answer for answer in answers if answer.status_code == 303))
    answers = await race(lambda _: live_world.post("/v1/login/exchange/", {"code": code}))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 15
    browsers = [federation.browser() for _ in range(8)]
    backs = [own_provider.authorize(await federation.start(one, provider), "new") for one in browsers]
    answers = await race(lambda number: browsers[number].get(backs[number]), 8)
    runtime.settings = before
    assert [answer.status_code for answer in answers] == [303] * 8
    statement = "SELECT id FROM external_identities WHERE subject = 'new' AND provider_id = :id"
    assert len(await live_world.rows(statement, id=UUID(provider))) == 1
