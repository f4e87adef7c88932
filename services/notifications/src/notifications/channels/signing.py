"""DKIM signatures (RFC 6376, and RFC 8463 for Ed25519): receivers see that a mail is the domain's own."""

import asyncio
import binascii
from collections.abc import Awaitable, Callable

import dkim
from kernel import SettingsError

from notifications.settings import Settings

SIGNED = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "list-unsubscribe",
    "list-unsubscribe-post",
]
RELAXED = (b"relaxed", b"relaxed")
SEED_BYTES = 32

Sign = Callable[[bytes], Awaitable[bytes]]


async def unsigned(raw: bytes) -> bytes:
    """The mail as it is: there is no key."""
    return raw


def signer(settings: Settings, domain: str) -> Sign:
    """What signs mails of a sender's domain. Raises SettingsError for a key that cannot be used.

    An RSA signature takes milliseconds of a processor and is made in a thread; an Ed25519 one takes none to speak of.
    """
    if not settings.dkim_key:
        return unsigned
    if not settings.dkim_selector:
        raise SettingsError("MUSTER_DKIM_SELECTOR is needed where there is MUSTER_DKIM_KEY")
    rsa = "BEGIN" in settings.dkim_key
    algorithm = b"rsa-sha256" if rsa else b"ed25519-sha256"
    selector, signing = settings.dkim_selector.encode(), (settings.dkim_domain or domain).encode()

    def sign(raw: bytes) -> bytes:
        present = {line.split(b":", 1)[0].lower() for line in raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")}
        headers = [name.encode() for name in SIGNED if name.encode() in present]
        key = settings.dkim_key.strip().encode()
        signature: bytes = dkim.sign(
            raw, selector, signing, key, include_headers=headers, canonicalize=RELAXED, signature_algorithm=algorithm
        )
        return signature + raw

    try:
        if not rsa and len(binascii.a2b_base64(settings.dkim_key)) != SEED_BYTES:
            raise SettingsError("MUSTER_DKIM_KEY is neither an RSA key as PEM nor 32 bytes as base64")
        sign(b"From: a@example.org\r\n\r\n")
    except (dkim.DKIMException, ValueError) as error:
        raise SettingsError("MUSTER_DKIM_KEY cannot be read") from error

    async def signed(raw: bytes) -> bytes:
        return await asyncio.to_thread(sign, raw) if rsa else sign(raw)

    return signed
