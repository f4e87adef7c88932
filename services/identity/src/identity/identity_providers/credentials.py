"""What the platform shows to providers: client secrets that they gave, and keys of its own for SAML. Sealed at rest."""

import base64
import datetime as dt
from typing import NamedTuple
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from kernel import now

from identity.identity_providers.models import IdentityProvider
from identity.vault import Vault

KEY_BITS = 2048
YEARS = 10


class Pair(NamedTuple):
    """A private key as PEM, and its certificate as DER in base64."""

    key: bytes
    certificate: str


def new_pair(provider_id: UUID) -> Pair:
    """A key for signing requests to one provider. Its certificate names nobody; providers trust the key itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(provider_id))])
    moment = now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - dt.timedelta(days=1))
        .not_valid_after(moment + dt.timedelta(days=365 * YEARS))
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Pair(pem, base64.b64encode(made.public_bytes(Encoding.DER)).decode())


def seal_secret(vault: Vault, provider_id: UUID, secret: str) -> bytes:
    """A client secret as it is kept."""
    return vault.seal(secret.encode(), f"identity-provider-secret:{provider_id}")


def secret_of(vault: Vault, row: IdentityProvider) -> str | None:
    """The client secret of a provider, if there is one."""
    if row.client_secret is None:
        return None
    return vault.open_sealed(row.client_secret, f"identity-provider-secret:{row.id}").decode()


def seal_key(vault: Vault, provider_id: UUID, key: bytes) -> bytes:
    """A private key as it is kept."""
    return vault.seal(key, f"identity-provider-key:{provider_id}")


def key_of(vault: Vault, row: IdentityProvider) -> str:
    """The key that signs requests to a provider, as PEM."""
    return vault.open_sealed(row.signing_key or b"", f"identity-provider-key:{row.id}").decode()
