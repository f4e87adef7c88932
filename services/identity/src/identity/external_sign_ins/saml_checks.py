"""The form of SAML messages, before and beside what the library checks: SECURITY rules 14 and 16.

Signature wrapping (Somorovsky et al., "On Breaking SAML", 2012) needs a second assertion, a second element with the
signed id, or a signature that does not sit where it belongs. A document with any of these is refused as a whole, so
there is nothing to choose from when its content is read. Comments and processing instructions, which split texts, are
refused, too.
"""

import base64
import binascii
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from kernel import Invalid, now

from identity.identity_providers.markup import PROTOCOL, SIGNATURE, found, parsed

LONGEST = 99_999
LARGEST = 200_000
LEEWAY = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
TRANSFORMS = {
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
}


class Form(NamedTuple):
    """What the checked form says: the assertion's id, until when it counts, when the person signed in."""

    assertion_id: str
    expires_at: datetime
    at: datetime | None


def refusal(detail: str) -> Invalid:
    """A message that does not count. The library's own words name no secret."""
    return Invalid(f"The identity provider's message does not count: {detail[:300]}", code="invalid-saml-message")


def checked(text: str, acs: str, audience: str, request_id: str | None) -> Form:
    """The form of a response in base64. Raises Invalid."""
    try:
        root = parsed(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise refusal("It is not base64.") from error
    assertion = _only_assertion(root)
    _check_signatures(root, assertion)
    if root.get("Destination") not in (None, acs):
        raise refusal("It is meant for another place.")
    said = {root.get("InResponseTo"), *found(assertion, "saml:Subject//@InResponseTo")} - {None}
    if (request_id is None and said) or (request_id is not None and root.get("InResponseTo") != request_id):
        raise refusal("It answers another request.")
    if said - {request_id}:
        raise refusal("It answers another request.")
    audiences = ["".join(one.itertext()).strip() for one in found(assertion, "saml:Conditions//saml:Audience")]
    if audience not in audiences:
        raise refusal("It is for another audience.")
    return Form(assertion.get("ID"), _expiry(assertion, acs), _signed_in_at(assertion))


def _only_assertion(root: Any) -> Any:
    """The one assertion, directly within the response; nothing in the document has the id of another thing."""
    if root.tag != f"{{{PROTOCOL}}}Response" or found(root, "//comment() | //processing-instruction()"):
        raise refusal("It has another form.")
    every = found(root, "//*[local-name()='Assertion' or local-name()='EncryptedAssertion']")
    direct = found(root, "/samlp:Response/saml:Assertion")
    if len(every) != 1 or every != direct:
        raise refusal("It holds no plain assertion, several, or one in another place.")
    if len(found(root, "//*[local-name()='Response']")) != 1:
        raise refusal("It holds several responses.")
    ids = [str(one) for one in found(root, "//@*[translate(local-name(), 'ID', 'id') = 'id']")]
    if len(ids) != len(set(ids)) or not direct[0].get("ID") or not root.get("ID"):
        raise refusal("Its ids are not unique.")
    return direct[0]


def _check_signatures(root: Any, assertion: Any) -> None:
    """The assertion is signed, by a signature of its own; the response may be, too; nothing else is."""
    signatures = found(root, "//ds:Signature")
    if not any(one.getparent() is assertion for one in signatures):
        raise refusal("The assertion is not signed.")
    for one in signatures:
        parent = one.getparent()
        references = found(one, "ds:SignedInfo/ds:Reference")
        if parent is not assertion and parent is not root:
            raise refusal("A signature is in another place.")
        if len(references) != 1 or references[0].get("URI") != f"#{parent.get('ID')}":
            raise refusal("A signature is over another element.")
        transforms = {
            str(name) for name in found(one, "ds:SignedInfo/ds:Reference/ds:Transforms/ds:Transform/@Algorithm")
        }
        if not transforms <= TRANSFORMS or found(one, "ds:Object"):
            raise refusal("A signature changes what it is over.")
    if len({one.getparent() for one in signatures}) != len(signatures):
        raise refusal("An element is signed twice.")
    if found(root, f"//*[namespace-uri()='{SIGNATURE}' and local-name()='Object']"):
        raise refusal("A signature holds something.")


def _expiry(assertion: Any, acs: str) -> datetime:
    """Until when the assertion counts, by the confirmation that is meant for us. Raises Invalid where none is."""
    for one in found(assertion, f"saml:Subject/saml:SubjectConfirmation[@Method='{BEARER}']"):
        for data in found(one, "saml:SubjectConfirmationData"):
            until = _time(data.get("NotOnOrAfter"))
            if data.get("Recipient") == acs and until is not None and until + LEEWAY > now():
                return until + LEEWAY + OLDEST
    raise refusal("Nothing in it is for this address and still counts.")


def _signed_in_at(assertion: Any) -> datetime | None:
    times = found(assertion, "saml:AuthnStatement/@AuthnInstant")
    at = _time(str(times[0])) if times else None
    return min(at, now()) if at else None


def message(text: str, issuer: str, here: str) -> Any:
    """The root of a message that came in an address, deflated, from `issuer`, to `here`, not old. Raises Invalid."""
    root = parsed(_inflated(text))
    said = ["".join(one.itertext()).strip() for one in found(root, "saml:Issuer")]
    at = _time(root.get("IssueInstant"))
    if found(root, "//comment() | //processing-instruction()") or said != [issuer]:
        raise refusal("It is another sender's, or has another form.")
    if root.get("Destination") not in (None, here):
        raise refusal("It is meant for another place.")
    if at is None or not now() - OLDEST < at < now() + LEEWAY:
        raise refusal("It is too old.")
    return root


def _inflated(text: str) -> bytes:
    """What was deflated and written in base64 (SAML 2.0 Bindings, section 3.4.4.1), within a limit."""
    try:
        inflater = zlib.decompressobj(-15)
        raw = inflater.decompress(base64.b64decode("".join(text.split()), validate=True), LARGEST)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise refusal("It is not deflated base64.") from error
    if inflater.unconsumed_tail:
        raise refusal("It is too large.")
    return raw


def _time(text: str | None) -> datetime | None:
    try:
        found_at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found_at if found_at.tzinfo else found_at.replace(tzinfo=UTC)
