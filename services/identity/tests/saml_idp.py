"""A SAML identity provider: pysaml2 makes messages and reads ours, the `xmlsec` package signs.

`answered` makes a good response; its parts can be changed before they are signed (`edit`) and after (`forge`).
"""

import base64
import copy
import datetime as dt
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree
from saml2 import BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID

with warnings.catch_warnings():  # it names a cipher that has moved
    warnings.simplefilter("ignore")
    from saml2.server import Server

HOME = "https://idp.clinic.test"
ENTITY = f"{HOME}/metadata"
SIGN_IN, SIGN_OUT = f"{HOME}/sign-in", f"{HOME}/sign-out"
NAMES = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
IDENTITY = {"mail": ["ann@clinic.test"], "givenName": ["Ann"], "sn": ["Lee"], "memberOf": ["nurses"]}
Change = Callable[[Any], None]


class Keys:
    """A key pair, its certificate, and both in files."""

    def __init__(self, folder: Path, name: str = "idp") -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .sign(self.key, SHA256())
        )
        self.pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.key_file, self.certificate_file = folder / f"{name}.key", folder / f"{name}.pem"
        self.key_file.write_bytes(self.pem)
        self.certificate_file.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        self.lister = folder / "xmlsec1"  # pysaml2 asks a program what it knows, though it signs nothing here
        self.lister.write_text('#!/bin/sh\necho known:\necho \'"rsa-sha256","sha256"\'\n')
        self.lister.chmod(0o755)


class SamlProvider:
    """One identity provider, for one service provider once it was introduced."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.server: Server | None = None

    def config(self, *metadata: str) -> IdPConfig:
        services = {
            "single_sign_on_service": [(SIGN_IN, BINDING_HTTP_REDIRECT)],
            "single_logout_service": [(SIGN_OUT, BINDING_HTTP_REDIRECT)],
        }
        options = {
            "endpoints": services,
            "want_authn_requests_signed": True,
            "name_id_format": [NAMEID_FORMAT_PERSISTENT],
        }
        return IdPConfig().load(
            {
                "entityid": ENTITY,
                "service": {"idp": options},
                "key_file": str(self.keys.key_file),
                "cert_file": str(self.keys.certificate_file),
                "xmlsec_binary": str(self.keys.lister),
                "metadata": {"inline": list(metadata)},
            }
        )

    @property
    def metadata(self) -> str:
        """What the provider says of itself."""
        return str(entity_descriptor(self.config()))

    def meet(self, metadata: str) -> None:
        """Take in the service provider's metadata."""
        self.server = Server(config=self.config(metadata))

    def asked(self, address: str) -> tuple[Any, str]:
        """The AuthnRequest in an address, its signature checked, and the relay state."""
        assert self.server is not None
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["SigAlg"] == RSA_SHA256
        asked = self.server.parse_authn_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query["RelayState"],
            sigalg=query["SigAlg"],
            signature=query["Signature"],
        )
        return asked.message, query["RelayState"]

    def unsigned(self, acs: str, audience: str, in_response_to: str | None, subject: str = "ann-4711") -> Any:
        """A response that nobody has signed yet."""
        assert self.server is not None
        name_id = NameID(format=NAMEID_FORMAT_PERSISTENT, text=subject)
        made = self.server.create_authn_response(
            IDENTITY,
            in_response_to,
            acs,
            sp_entity_id=audience,
            name_id=name_id,
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": HOME},
            session_not_on_or_after=None,
            sign_assertion=False,
            sign_response=False,
        )
        return etree.fromstring(str(made).encode())

    def answered(
        self,
        address: str,
        *,
        edit: Change = lambda _: None,
        forge: Change = lambda _: None,
        sign: str = "assertion",
        keys: Keys | None = None,
        subject: str = "ann-4711",
        method: Any = xmlsec.Transform.RSA_SHA256,
    ) -> dict[str, str]:
        """The form that answers an AuthnRequest."""
        request, relay_state = self.asked(address)
        acs, audience = request.assertion_consumer_service_url, request.issuer.text
        root = self.unsigned(acs, audience, request.id, subject)
        edit(root)
        for name in filter(None, sign.split("+")):
            element = root if name == "response" else assertion_of(root)
            signed(element, (keys or self.keys).pem, method)
        forge(root)
        return {"SAMLResponse": encoded(root), "RelayState": relay_state}


def signed(element: Any, pem: bytes, method: Any = xmlsec.Transform.RSA_SHA256) -> Any:
    """Put an enveloped signature into an element, after its issuer."""
    digest = xmlsec.Transform.SHA1 if method == xmlsec.Transform.RSA_SHA1 else xmlsec.Transform.SHA256
    template = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, method, ns="ds")
    issuer = element.find("saml:Issuer", NAMES)
    issuer.addnext(template)
    reference = xmlsec.template.add_reference(template, digest, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    xmlsec.tree.add_ids(element.getroottree().getroot(), ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.PEM)
    context.sign(template)
    return template


def assertion_of(root: Any) -> Any:
    return root.find(".//saml:Assertion", NAMES)


def encoded(root: Any) -> str:
    return base64.b64encode(etree.tostring(root)).decode()


def evil(assertion: Any) -> Any:
    """A copy of an assertion about somebody else, without a signature and under another id."""
    made = copy.deepcopy(assertion)
    for signature in made.findall("ds:Signature", NAMES):
        made.remove(signature)
    made.set("ID", "_evil")
    made.find(".//saml:NameID", NAMES).text = "boss-1"
    return made


def redirect_query(keys: Keys, name: str, xml: str, relay_state: str | None = None, algorithm: str = RSA_SHA256) -> str:
    """The query that carries a signed message in an address (SAML 2.0 Bindings, section 3.4.4.1)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(packer.compress(xml.encode()) + packer.flush()).decode()
    parts = [(name, packed), *([("RelayState", relay_state)] if relay_state else []), ("SigAlg", algorithm)]
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in parts)
    signature = keys.key.sign(query.encode(), padding.PKCS1v15(), SHA256())
    return f"{query}&Signature={quote(base64.b64encode(signature).decode(), safe='')}"
