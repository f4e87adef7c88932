"""Secrets at rest: AES-256-GCM and HMAC-SHA-256 under keys derived from one master key (RFC 5869)."""

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from kernel import SettingsError

KEY_BYTES = 32
NONCE_BYTES = 12


class Vault:
    """Seals what must be read again and marks what must only be recognised."""

    def __init__(self, master_key: str) -> None:
        """`master_key` is 32 bytes as base64url. Raises SettingsError for anything else."""
        try:
            master = base64.urlsafe_b64decode(master_key + "=" * (-len(master_key) % 4))
        except (binascii.Error, ValueError) as error:
            raise SettingsError("MUSTER_MASTER_KEY is not base64url") from error
        if len(master) != KEY_BYTES:
            raise SettingsError(f"MUSTER_MASTER_KEY has {len(master)} bytes, not {KEY_BYTES}")
        self._sealing = AESGCM(_derived(master, b"seal"))
        self._marking = _derived(master, b"mark")

    def seal(self, plain: bytes, owner: str) -> bytes:
        """`plain` encrypted; only `open_sealed` with the same `owner` reads it."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._sealing.encrypt(nonce, plain, owner.encode())

    def open_sealed(self, sealed: bytes, owner: str) -> bytes:
        """What was sealed. Raises SettingsError when the master key is another one or the bytes were changed."""
        try:
            return self._sealing.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner.encode())
        except InvalidTag as error:
            raise SettingsError("MUSTER_MASTER_KEY is not the key that this database was written with") from error

    def mark(self, purpose: str, *parts: bytes) -> bytes:
        """A 32-byte mark of `parts` that nobody can make without the master key."""
        made = hmac.new(self._marking, purpose.encode(), hashlib.sha256)
        for part in parts:
            made.update(len(part).to_bytes(8, "big") + part)
        return made.digest()


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"muster identity " + purpose).derive(master)
