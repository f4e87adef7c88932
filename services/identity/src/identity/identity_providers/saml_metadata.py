"""What a SAML identity provider says of itself (SAML 2.0 Metadata, section 2.4.3)."""

import base64
import binascii

import msgspec
from cryptography import x509
from kernel import Invalid

from identity.identity_providers.markup import found, parsed

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
MOST_CERTIFICATES = 10
SMALLEST_KEY = 2048
SMALLEST_CURVE = 256
LONGEST = 1024


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Where people are sent, and the certificates (DER in base64) of the keys that sign."""

    sign_in_url: str
    sign_out_url: str | None
    certificates: list[str]


def read(raw: bytes) -> tuple[str, Endpoints]:
    """The entity id and the endpoints of the one identity provider of a metadata document. Raises Invalid."""
    root = parsed(raw)
    descriptors = found(root, "/md:EntityDescriptor/md:IDPSSODescriptor | //md:EntitiesDescriptor//md:IDPSSODescriptor")
    if len(descriptors) != 1:
        raise Invalid("The metadata describe no identity provider, or several.", code="invalid-metadata")
    descriptor = descriptors[0]
    entity_id = descriptor.getparent().get("entityID", "")
    sign_in = _location(descriptor, "SingleSignOnService")
    if not 0 < len(entity_id) <= LONGEST or sign_in is None:
        raise Invalid("The metadata name no entity id or no sign-in address for redirects.", code="invalid-metadata")
    path = "md:KeyDescriptor[not(@use='encryption')]/ds:KeyInfo/ds:X509Data/ds:X509Certificate"
    texts = ["".join((node.text or "").split()) for node in found(descriptor, path)]
    certificates = [text for text in dict.fromkeys(texts) if _counts(text)]
    if not 0 < len(certificates) <= MOST_CERTIFICATES:
        raise Invalid("The metadata name no certificate that counts, or too many.", code="invalid-metadata")
    return entity_id, Endpoints(
        sign_in_url=sign_in, sign_out_url=_location(descriptor, "SingleLogoutService"), certificates=certificates
    )


def _location(descriptor: object, service: str) -> str | None:
    places = found(descriptor, f"md:{service}[@Binding='{REDIRECT}']/@Location")
    return str(places[0]) if places and len(places[0]) <= LONGEST else None


def _counts(text: str) -> bool:
    """Whether this is a certificate with a key that is not too small. SAML trusts the key: dates do not matter."""
    try:
        key = x509.load_der_x509_certificate(base64.b64decode(text, validate=True)).public_key()
    except (binascii.Error, ValueError):
        return False
    size = getattr(key, "key_size", 0)
    return size >= (SMALLEST_CURVE if hasattr(key, "curve") else SMALLEST_KEY)
