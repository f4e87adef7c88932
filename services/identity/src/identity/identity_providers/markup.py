"""Reading XML of strangers: no document types, no entities, nothing fetched, nothing huge (XXE, entity bombs)."""

from typing import Any

from kernel import Invalid

ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
NAMES = {"saml": ASSERTION, "samlp": PROTOCOL, "md": METADATA, "ds": SIGNATURE}
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")


class Unreadable(Invalid):
    """What came is not XML that is taken."""


def parsed(raw: bytes) -> Any:
    """The root element of a document. Raises Unreadable."""
    from lxml import etree  # noqa: PLC0415 # pyright: ignore[reportAttributeAccessIssue] untyped; most never need it

    plain = raw.replace(b"\x00", b"").upper()  # a document type is seen in UTF-16, too
    if any(word in plain for word in FORBIDDEN):
        raise Unreadable("XML with a document type is not taken.", code="invalid-xml")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("This is not XML.", code="invalid-xml") from error
    if root.getroottree().docinfo.doctype:
        raise Unreadable("XML with a document type is not taken.", code="invalid-xml")
    return root


def found(node: Any, path: str) -> list[Any]:
    """What an XPath expression finds, with the prefixes saml, samlp, md and ds."""
    return list(node.xpath(path, namespaces=NAMES))
