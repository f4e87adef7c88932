"""Keys of endpoints: made here, kept sealed, and what they sign with.

Standard Webhooks 1.0.0 (standardwebhooks.com): `whsec_` and base64; HMAC-SHA-256 over id, time and body.
"""

import hashlib
import hmac
import os
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Sequence
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from kernel import SettingsError, Unavailable

PREFIX = "whsec_"
SECRET_BYTES = 32
KEY_BYTES = 32
NONCE_BYTES = 12


def made() -> bytes:
    """A new key."""
    return os.urandom(SECRET_BYTES)


def shown(secret: bytes) -> str:
    """A key as its receiver gets it, once."""
    return PREFIX + b64encode(secret).decode()


def seal(webhook_key: str, endpoint_id: UUID, secret: bytes) -> bytes:
    """A key as it is kept; only the same endpoint's opens. Raises Unavailable where the platform has no webhook key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _sealing(webhook_key).encrypt(nonce, secret, endpoint_id.bytes)


def opened(webhook_key: str, endpoint_id: UUID, sealed: bytes) -> bytes:
    """What was sealed. Raises SettingsError where the webhook key is another one or the bytes were changed."""
    try:
        return _sealing(webhook_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], endpoint_id.bytes)
    except InvalidTag as error:
        raise SettingsError("MUSTER_WEBHOOK_KEY is not the key that this database was written with") from error


def signature(secrets: Sequence[bytes], message_id: UUID, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature a key, separated by spaces."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()}" for secret in secrets)


@cache
def _sealing(webhook_key: str) -> AESGCM:
    """AES-256-GCM under a key that is derived from the setting (RFC 5869)."""
    if not webhook_key:
        raise Unavailable("This platform has no key for webhooks.", code="webhooks-off", retry_after=3600)
    try:
        master = urlsafe_b64decode(webhook_key + "=" * (-len(webhook_key) % 4))
    except ValueError as error:
        raise SettingsError("MUSTER_WEBHOOK_KEY is not base64url") from error
    if len(master) != KEY_BYTES:
        raise SettingsError(f"MUSTER_WEBHOOK_KEY has {len(master)} bytes, not {KEY_BYTES}")
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"muster notifications webhooks")
    return AESGCM(derived.derive(master))
