"""Assertions that do not count: expired, misaddressed, unsigned, forged, wrapped, split by comments, with entities."""

import base64
from typing import Any
from uuid import uuid4

import pytest
import xmlsec
from lxml import etree
from saml_idp import NAMES, Keys, assertion_of, evil
from saml_world import Clinic, every, text


def setting(path: str, name: str, value: str | None) -> Any:
    def edit(root: Any) -> None:
        for node in every(root, path):
            if value is None:
                node.attrib.pop(name, None)
            else:
                node.set(name, value)

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


async def test_assertions_that_do_not_count(clinic: Clinic) -> None:
    for name, edit in EDITS.items():
        _, address = await clinic.begun()
        assert await clinic.refused(clinic.idp.answered(address, edit=edit)), name


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
