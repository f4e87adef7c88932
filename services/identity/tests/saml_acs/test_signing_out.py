"""Signing out over there ends the session here, and the other way round."""

import base64
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from contracts.identity import SessionEnded
from kernel import now
from lxml import etree
from saml_idp import ENTITY, NAMES, SIGN_OUT, Keys, redirect_query
from saml_world import Clinic
from testkit.client import BASE_URL
from upstreams import APPLICATION

Json = dict[str, Any]

LOGOUT = (
    '<samlp:LogoutRequest xmlns:samlp="{samlp}" xmlns:saml="{saml}" ID="_{id}" Version="2.0" IssueInstant="{at}"'
    ' Destination="{to}"><saml:Issuer>{issuer}</saml:Issuer><saml:NameID>{name}</saml:NameID>'
    "<samlp:SessionIndex>{index}</samlp:SessionIndex></samlp:LogoutRequest>"
)


def leaving(clinic: Clinic, **fields: Any) -> str:
    known = {"id": uuid4().hex, "at": now().isoformat().replace("+00:00", "Z"), "to": clinic.here["logout-url"]}
    return LOGOUT.format(**NAMES, **{**known, "issuer": ENTITY, "name": "ann-4711", "index": "_none", **fields})


def session_index(form: Json) -> str:
    root = etree.fromstring(base64.b64decode(form["SAMLResponse"]))
    return root.find(".//saml:AuthnStatement", NAMES).get("SessionIndex")


async def with_index(clinic: Clinic, subject: str = "ann-4711") -> tuple[Json, str]:
    """Tokens, and the provider's name of the session."""
    browser, address = await clinic.begun()
    form = clinic.idp.answered(address, subject=subject)
    came = await browser.get(await clinic.finishing(form))
    return (await clinic.federation.exchanged(came)).json(), session_index(form)


async def test_the_provider_ends_the_session_that_it_names(clinic: Clinic) -> None:
    world = clinic.federation.world
    first, index = await with_index(clinic)
    second, _ = await with_index(clinic)
    other, _ = await with_index(clinic, "bob-12")
    query = redirect_query(clinic.idp.keys, "SAMLRequest", leaving(clinic, index=index), "theirs")
    answer = await clinic.federation.browser().get(f"/v1/saml-acs/{clinic.id}/logout/?{query}")
    assert answer.status_code == 303, answer.text
    place = urlsplit(answer.headers["location"])
    assert answer.headers["location"].startswith(f"{SIGN_OUT}?SAMLResponse=")
    assert parse_qs(place.query)["RelayState"] == ["theirs"]
    assert "Signature" in parse_qs(place.query)
    assert [str(event.session_id) for event in await world.events(SessionEnded)] == [first["session-id"]]
    statuses = [(await world.refresh(one["refresh-token"])).status_code for one in (first, second, other)]
    assert statuses == [401, 201, 201]


async def test_sign_outs_that_do_not_count(clinic: Clinic, other_keys: Keys) -> None:
    tokens, index = await with_index(clinic)
    mine, browser = clinic.idp.keys, clinic.federation.browser()
    good = redirect_query(mine, "SAMLRequest", leaving(clinic, index=index))
    for query in (
        redirect_query(other_keys, "SAMLRequest", leaving(clinic, index=index)),
        redirect_query(mine, "SAMLRequest", leaving(clinic, index=index, issuer="https://elsewhere.test")),
        redirect_query(mine, "SAMLRequest", leaving(clinic, index=index, to="https://elsewhere.test")),
        redirect_query(mine, "SAMLRequest", leaving(clinic, index=index, at="2020-01-01T00:00:00Z")),
        redirect_query(
            mine, "SAMLRequest", leaving(clinic, index=index), algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"
        ),
        good.partition("&Signature=")[0],
        good.partition("&SigAlg=")[0],
        f"{good}&RelayState=added",
        "SAMLRequest=x",
        redirect_query(mine, "SAMLRequest", "<x>" + "a" * 10_000_000 + "</x>"),
    ):
        answer = await browser.get(f"/v1/saml-acs/{clinic.id}/logout/?{query}")
        assert answer.status_code == 400, (query[:200], answer.headers)
    assert (await clinic.federation.world.refresh(tokens["refresh-token"])).status_code == 201


async def test_signing_out_here_leads_to_signing_out_there(clinic: Clinic) -> None:
    world = clinic.federation.world
    tokens, index = await with_index(clinic)
    answer = await world.bearer(tokens["access-token"]).post("/v1/logout/", json={})
    address = answer.json()["redirect-url"]
    assert address.startswith(f"{SIGN_OUT}?SAMLRequest=")
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    request = clinic.idp.server.parse_logout_request(
        query["SAMLRequest"],
        "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
        relay_state=query["RelayState"],
        sigalg=query["SigAlg"],
        signature=query["Signature"],
    ).message
    assert (request.name_id.text, request.session_index[0].text) == ("ann-4711", index)
    assert (await world.refresh(tokens["refresh-token"])).status_code == 401
    said = (
        f'<samlp:LogoutResponse xmlns:samlp="{NAMES["samlp"]}" xmlns:saml="{NAMES["saml"]}" ID="_{uuid4().hex}"'
        f' Version="2.0" IssueInstant="{now().isoformat()[:19]}Z" InResponseTo="{request.id}"'
        f' Destination="{BASE_URL}/v1/saml-acs/{clinic.id}/logged-out/"><saml:Issuer>{ENTITY}</saml:Issuer>'
        '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
        "</samlp:LogoutResponse>"
    )
    signed_query = redirect_query(clinic.idp.keys, "SAMLResponse", said, query["RelayState"])
    back = await clinic.federation.browser().get(f"/v1/saml-acs/{clinic.id}/logged-out/?{signed_query}")
    assert (back.status_code, back.headers["location"]) == (303, APPLICATION)
