"""Signing in through a SAML identity provider that pysaml2 plays, good and hostile."""

import base64
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
import xmlsec
from contracts.identity import SessionEnded
from identity_world import codes
from lxml import etree
from saml_idp import (
    ENTITY,
    NAMES,
    SIGN_IN,
    SIGN_OUT,
    Keys,
    SamlProvider,
    assertion_of,
    encoded,
    evil,
    redirect_query,
    signed,
)
from testkit.client import BASE_URL, Client
from upstreams import APPLICATION, Federation

Json = dict[str, Any]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("saml"))


@pytest.fixture(scope="session")
def other_keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("other"))


class Clinic:
    """A SAML provider that is set up for an organization."""

    def __init__(self, federation: Federation, provider: Json, idp: SamlProvider) -> None:
        self.federation, self.idp = federation, idp
        self.id: str = provider["id"]
        self.here: Json = provider["attributes"]["service-provider"]

    async def begun(self) -> tuple[Client, str]:
        """A browser, and where it was sent."""
        browser = self.federation.browser()
        return browser, await self.federation.start(browser, self.id)

    async def post(self, form: Json, browser: Client | None = None) -> httpx.Response:
        return await (browser or self.federation.browser()).post(f"/v1/saml-acs/{self.id}/acs/", data=form)

    async def signed_in(self, **options: Any) -> httpx.Response:
        """Sign in; the answer that sends the browser to the application."""
        browser, address = await self.begun()
        return await browser.get(await self.finishing(self.idp.answered(address, **options)))

    async def finishing(self, form: Json) -> str:
        """Post a response as a browser does from another site, without cookies; where it is sent then."""
        answer = await self.post(form)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def tokens(self, **options: Any) -> Json:
        answer = await self.federation.exchanged(await self.signed_in(**options))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def refused(self, form: Json) -> str:
        """What is said of a response that does not count."""
        answer = await self.post(form)
        assert answer.status_code == 400, answer.text
        assert codes(answer)[0] in {"invalid-saml-message", "invalid-state", "invalid-xml"}, answer.text
        people = await self.federation.world.rows(
            "SELECT id FROM external_identities WHERE provider_id = :id", id=UUID(self.id)
        )
        assert people == []
        return answer.json()["errors"][0]["detail"]


@pytest_asyncio.fixture
async def clinic(federation: Federation, keys: Keys) -> Clinic:
    return await set_up(federation, keys)


async def set_up(federation: Federation, keys: Keys, **attributes: Any) -> Clinic:
    idp = SamlProvider(keys)
    standing = {"protocol": "saml", "metadata": idp.metadata, "redirect-addresses": [APPLICATION]}
    answer = await federation.create(**{**standing, **attributes})
    assert answer.status_code == 201, answer.text
    made = Clinic(federation, answer.json()["data"], idp)
    described = await federation.browser().get(made.here["metadata-url"])
    assert described.headers["content-type"].startswith("application/samlmetadata+xml")
    idp.meet(described.text)
    return made


async def test_somebody_signs_in(clinic: Clinic) -> None:
    browser, address = await clinic.begun()
    assert address.startswith(f"{SIGN_IN}?SAMLRequest=")
    location = await clinic.finishing(clinic.idp.answered(address))
    came = await browser.get(location)
    assert came.headers["location"].startswith(f"{APPLICATION}?code=")
    tokens = (await clinic.federation.exchanged(came)).json()
    assert (tokens["first-name"], tokens["last-name"]) == ("Ann", "Lee")
    assert tokens["organizations"] == [str(clinic.federation.organization_id)]
    assert (await clinic.tokens())["user-id"] == tokens["user-id"]
    assert (await clinic.tokens(subject="bob-12"))["user-id"] != tokens["user-id"]


async def test_a_response_may_be_signed_as_a_whole_beside(clinic: Clinic) -> None:
    assert (await clinic.tokens(sign="assertion+response"))["token-type"] == "Bearer"


async def test_a_response_may_come_as_json(clinic: Clinic) -> None:
    browser, address = await clinic.begun()
    answer = await browser.post(f"/v1/saml-acs/{clinic.id}/acs/", json=clinic.idp.answered(address) | {"more": 1})
    assert answer.status_code == 303
    assert (await browser.get(answer.headers["location"])).status_code == 303


async def test_only_the_browser_that_began_it_goes_on(clinic: Clinic) -> None:
    """Otherwise somebody's response could be posted into another person's browser."""
    browser, address = await clinic.begun()
    location = await clinic.finishing(clinic.idp.answered(address))
    stranger, _ = await clinic.begun()
    for other in (clinic.federation.browser(), stranger):
        refused = await other.get(location)
        assert (refused.status_code, codes(refused)) == (400, ["invalid-state"])
    assert (await browser.get(location)).status_code == 303
    assert (await browser.get(location)).status_code == 400


async def test_a_replay_is_refused(clinic: Clinic) -> None:
    _, address = await clinic.begun()
    form = clinic.idp.answered(address)
    assert (await clinic.post(form)).status_code == 303
    again = await clinic.post(form)
    assert (again.status_code, codes(again)) == (400, ["invalid-state"])
    _, other = await clinic.begun()
    relay = parse_qs(urlsplit(other).query)["RelayState"][0]
    assert (await clinic.post(form | {"RelayState": relay})).status_code == 400


def every(root: Any, path: str) -> list[Any]:
    return list(root.iterfind(path, NAMES))


def setting(path: str, name: str, value: str | None) -> Any:
    def edit(root: Any) -> None:
        for node in every(root, path):
            if value is None:
                node.attrib.pop(name, None)
            else:
                node.set(name, value)

    return edit


def text(path: str, value: str) -> Any:
    def edit(root: Any) -> None:
        for node in every(root, path):
            node.text = value

    return edit


def removing(path: str) -> Any:
    def edit(root: Any) -> None:
        for node in every(root, path):
            node.getparent().remove(node)

    return edit


DATA = ".//saml:SubjectConfirmationData"
OLD = "2020-01-01T00:00:00Z"
LATE = "2099-01-01T00:00:00Z"
EDITS = {
    "expired": setting(".//saml:Conditions", "NotOnOrAfter", OLD),
    "not valid yet": setting(".//saml:Conditions", "NotBefore", LATE),
    "confirmation expired": setting(DATA, "NotOnOrAfter", OLD),
    "confirmation without an end": setting(DATA, "NotOnOrAfter", None),
    "another recipient": setting(DATA, "Recipient", "https://elsewhere.test/acs"),
    "a recipient that holds ours": setting(DATA, "Recipient", "https://elsewhere.test/?"),
    "no recipient": setting(DATA, "Recipient", None),
    "another request": setting(DATA, "InResponseTo", "_other"),
    "another audience": text(".//saml:Audience", "https://elsewhere.test/metadata"),
    "no audience": removing(".//saml:AudienceRestriction"),
    "no conditions": removing(".//saml:Conditions"),
    "another issuer": text(".//saml:Issuer", "https://elsewhere.test/idp"),
    "no subject": removing(".//saml:Subject"),
    "no authentication": removing(".//saml:AuthnStatement"),
    "misaddressed": lambda root: root.set("Destination", "https://elsewhere.test/acs"),
    "an address that begins as ours": lambda root: root.set("Destination", f"{root.get('Destination')}x"),
    "answers another request": lambda root: root.set("InResponseTo", "_other"),
    "answers no request": lambda root: root.attrib.pop("InResponseTo"),
    "failed": setting("./samlp:Status/samlp:StatusCode", "Value", "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"),
}


@pytest.mark.parametrize("name", EDITS)
async def test_assertions_that_do_not_count(clinic: Clinic, name: str) -> None:
    _, address = await clinic.begun()
    await clinic.refused(clinic.idp.answered(address, edit=EDITS[name]))


@pytest.mark.parametrize("sign", ["", "response"])
async def test_an_assertion_that_is_not_signed_itself(clinic: Clinic, sign: str) -> None:
    _, address = await clinic.begun()
    await clinic.refused(clinic.idp.answered(address, sign=sign))


async def test_signatures_that_do_not_count(clinic: Clinic, other_keys: Keys) -> None:
    for options in (
        {"keys": other_keys},
        {"method": xmlsec.Transform.RSA_SHA1},
        {"forge": text(".//saml:NameID", "boss-1")},
        {"forge": text(".//saml:AttributeValue", "boss@clinic.test")},
        {"forge": text(".//ds:SignatureValue", "AAAA")},
        {"forge": removing(".//ds:Signature/ds:SignedInfo/ds:Reference")},
        {"forge": setting(".//ds:Reference", "URI", "")},
        {"forge": setting(".//ds:SignatureMethod", "Algorithm", "http://www.w3.org/2000/09/xmldsig#hmac-sha1")},
    ):
        _, address = await clinic.begun()
        await clinic.refused(clinic.idp.answered(address, **options))


def wrapped(number: int) -> Any:
    """Signature wrapping, as Somorovsky et al. number it (XSW 1 to 8)."""

    def forge(root: Any) -> None:
        good = assertion_of(root)
        signature = good.find("ds:Signature", NAMES)
        if number in {1, 2}:  # a whole response about somebody else around the signed one
            inner = etree.fromstring(etree.tostring(root))
            root.set("ID", "_evil-response")
            root.replace(good, evil(good))
            if number == 1:
                holder = etree.SubElement(inner.find(".//ds:Signature", NAMES), f"{{{NAMES['ds']}}}Object")
                holder.append(etree.fromstring(etree.tostring(root)))
            root.append(inner)
            return
        bad = evil(good)
        place = root.index(good)
        if number == 3:
            root.insert(place, bad)
        elif number == 4:
            root.replace(good, bad)
            bad.append(good)
        elif number == 5:  # the signature moves to the bad one, the signed one stands beside
            good.remove(signature)
            bad.insert(1, signature)
            root.insert(place, bad)
        elif number == 6:
            good.remove(signature)
            bad.insert(1, signature)
            root.replace(good, bad)
            signature.append(good)
        elif number == 7:
            extensions = etree.Element(f"{{{NAMES['samlp']}}}Extensions")
            extensions.append(bad)
            root.insert(1, extensions)
        else:
            root.replace(good, bad)
            bad.insert(1, signature)
            holder = etree.SubElement(signature, f"{{{NAMES['ds']}}}Object")
            holder.append(good)

    return forge


@pytest.mark.parametrize("number", range(1, 9))
async def test_wrapped_signatures(clinic: Clinic, number: int) -> None:
    for bad_id in ("another id", "the same id"):
        _, address = await clinic.begun()
        form = clinic.idp.answered(address, forge=wrapped(number))
        if bad_id == "the same id":
            raw = base64.b64decode(form["SAMLResponse"])
            signed_id = assertion_of(etree.fromstring(raw)).get("ID").encode()
            form["SAMLResponse"] = base64.b64encode(raw.replace(b'"_evil"', b'"' + signed_id + b'"')).decode()
        await clinic.refused(form)


async def test_a_comment_does_not_shorten_a_name(clinic: Clinic) -> None:
    """ann@clinic.test<!---->.evil.test: signed without its comments, and read up to the first one."""

    def split(root: Any) -> None:
        name = root.find(".//saml:NameID", NAMES)
        name.text = "ann-4711"
        comment = etree.Comment("")
        comment.tail = ".evil"
        name.append(comment)

    _, address = await clinic.begun()
    await clinic.refused(clinic.idp.answered(address, edit=split))


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY name SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY name "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
async def test_entities_are_never_read(clinic: Clinic, head: str) -> None:
    _, address = await clinic.begun()
    form = clinic.idp.answered(address)
    raw = base64.b64decode(form["SAMLResponse"]).decode().replace("ann-4711", "&name;" if "ENTITY" in head else "x")
    for encoding in ("utf-8", "utf-16"):
        document = f'<?xml version="1.0" encoding="{encoding}"?>{head}{raw}'.encode(encoding)
        await clinic.refused(form | {"SAMLResponse": base64.b64encode(document).decode()})


async def test_what_is_no_response(clinic: Clinic) -> None:
    _, address = await clinic.begun()
    form = clinic.idp.answered(address)
    good = form["SAMLResponse"]
    for value in ("", "x", "%%%", base64.b64encode(b"<x/>").decode(), good[:-40], base64.b64encode(b"<x").decode()):
        await clinic.refused(form | {"SAMLResponse": value})
    browser = clinic.federation.browser()
    for options in ({"data": {}}, {"json": []}, {"content": b"{"}, {"json": {"SAMLResponse": "x" * 100_000}}):
        answer = await browser.post(f"/v1/saml-acs/{clinic.id}/acs/", **options)
        assert answer.status_code == 400, answer.text
    assert (await clinic.post(form | {"more": "x" * 500_000})).status_code == 413
    assert (await browser.post(f"/v1/saml-acs/{uuid4()}/acs/", data=form)).status_code == 404


async def test_an_assertion_for_another_provider_of_the_platform(clinic: Clinic, keys: Keys) -> None:
    other = await set_up(clinic.federation, keys)
    _, address = await clinic.begun()
    form = clinic.idp.answered(address)
    await other.refused(form)
    _, theirs = await other.begun()
    await other.refused(form | {"RelayState": parse_qs(urlsplit(theirs).query)["RelayState"][0]})


def nobody_asked(clinic: Clinic, subject: str = "ann-4711", relay_state: str | None = None) -> Json:
    root = clinic.idp.unsigned(clinic.here["acs-url"], clinic.here["entity-id"], None, subject)
    signed(assertion_of(root), clinic.idp.keys.pem)
    return {"SAMLResponse": encoded(root)} | ({"RelayState": relay_state} if relay_state else {})


async def test_what_nobody_asked_for_counts_only_where_it_may(clinic: Clinic, keys: Keys) -> None:
    await clinic.refused(nobody_asked(clinic))
    await clinic.federation.change(clinic.id, **{"allow-unsolicited": True})
    form = nobody_asked(clinic, relay_state=f"{APPLICATION}?page=2")
    browser = clinic.federation.browser()
    came = await browser.get(await clinic.finishing(form))
    assert came.headers["location"].startswith(f"{APPLICATION}?page=2&code=")
    assert (await clinic.federation.exchanged(came)).status_code == 201
    replayed = await clinic.post(form)
    assert (replayed.status_code, codes(replayed)) == (400, ["invalid-saml-message"])
    came = await browser.get(await clinic.finishing(nobody_asked(clinic, relay_state="https://evil.test/")))
    assert came.headers["location"].startswith(f"{APPLICATION}?code=")
    _, address = await clinic.begun()
    solicited = clinic.idp.answered(address)
    solicited.pop("RelayState")
    assert (await clinic.post(solicited)).status_code == 400


LOGOUT = (
    '<samlp:LogoutRequest xmlns:samlp="{samlp}" xmlns:saml="{saml}" ID="_{id}" Version="2.0" IssueInstant="{at}"'
    ' Destination="{to}"><saml:Issuer>{issuer}</saml:Issuer><saml:NameID>{name}</saml:NameID>'
    "<samlp:SessionIndex>{index}</samlp:SessionIndex></samlp:LogoutRequest>"
)


def leaving(clinic: Clinic, **fields: Any) -> str:
    from kernel import now

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
    from kernel import now

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


async def test_a_second_factor_over_there_counts_where_it_is_trusted(clinic: Clinic) -> None:
    world = clinic.federation.world
    strong = text(".//saml:AuthnContextClassRef", "https://refeds.org/profile/mfa")
    weak = await clinic.tokens(edit=strong)
    await clinic.federation.change(clinic.id, **{"trust-second-factor": True})
    trusted = await clinic.tokens(edit=strong)
    levels = [
        (await world.rows("SELECT acr FROM sessions WHERE id = :id", id=UUID(one["session-id"])))[0].acr
        for one in (weak, trusted)
    ]
    assert levels == ["aal1", "aal2"]
