"""Messages of Amazon SNS: who signed them, and that they are new.

The signature is RSA with SHA-256 (SignatureVersion 2) over the members in a fixed order; the older version with SHA-1
is refused. The certificate comes from the address that the message names, which has to be one of Amazon's own.
"""

import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
import msgspec
from chassis.runtime import Runtime
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from kernel import Forbidden, Invalid, Unavailable, now
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.settings import Settings
from notifications.suppressions.models import ProviderReport

HOST = re.compile(r"sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?")
OLDEST = timedelta(hours=24)
AHEAD = timedelta(minutes=5)
MOST_BYTES = 65_536
NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
CERTIFICATES: dict[str, bytes] = {}
MOST_CERTIFICATES = 8


class SnsMessage(msgspec.Struct, rename="pascal"):
    """What SNS posts."""

    type: str
    message_id: str
    topic_arn: str
    message: str
    timestamp: str
    signature: str
    signature_version: str
    signing_cert_url: str = msgspec.field(name="SigningCertURL")
    subject: str | None = None
    token: str | None = None
    subscribe_url: str | None = msgspec.field(name="SubscribeURL", default=None)


async def received(session: AsyncSession, runtime: Runtime, raw: bytes) -> SnsMessage | None:
    """A message that is signed, of a topic of ours, recent and not taken in before (None if it was).

    Raises Invalid, Forbidden, or Unavailable while the certificate cannot be had.
    """
    settings: Settings = runtime.settings
    try:
        message = msgspec.json.decode(raw, type=SnsMessage)
        sent_at = datetime.fromisoformat(message.timestamp)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
        raise Invalid("The body is not a message of SNS.", code="malformed-message") from None
    if message.topic_arn not in settings.sns_topics.split(","):
        raise Forbidden("The topic is not one of ours.", code="unknown-topic")
    if message.signature_version != "2":
        raise Forbidden("Only SignatureVersion 2 counts.", code="bad-signature")
    pem = settings.sns_certificate.encode() or await _certificate(runtime, message.signing_cert_url)
    check_signature(message, pem)
    sent_at = sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)
    if not now() - OLDEST < sent_at < now() + AHEAD:
        raise Forbidden("The message is too old.", code="stale-message")
    new = insert(ProviderReport).values(id=message.message_id[:200]).on_conflict_do_nothing()
    taken = await session.scalar(new.returning(ProviderReport.id))
    return message if taken is not None else None


def check_signature(message: SnsMessage, pem: bytes) -> None:
    """The certificate's key signed the message. Raises Forbidden."""
    members = NOTIFICATION if message.type == "Notification" else CONFIRMATION
    given = {field.encode_name: getattr(message, field.name) for field in msgspec.structs.fields(SnsMessage)}
    signed = "".join(f"{name}\n{given[name]}\n" for name in members if given[name] is not None)
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise InvalidSignature
        if not certificate.not_valid_before_utc < now() < certificate.not_valid_after_utc:
            raise InvalidSignature
        key.verify(b64decode(message.signature), signed.encode(), padding.PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        raise Forbidden("The signature does not count.", code="bad-signature") from None


def check_address(url: str) -> None:
    """The address is Amazon's own. Raises Forbidden."""
    parts = urlsplit(url)
    plain = parts.scheme == "https" and parts.port in {None, 443} and parts.username is None
    if not plain or not HOST.fullmatch(parts.hostname or ""):
        raise Forbidden("The address is not one of SNS.", code="bad-address")


async def confirm(runtime: Runtime, message: SnsMessage) -> None:
    """Say that we want the topic's messages. Raises Forbidden or Unavailable."""
    await _fetch(runtime, message.subscribe_url or "")


async def _certificate(runtime: Runtime, url: str) -> bytes:
    if not urlsplit(url).path.endswith(".pem"):
        raise Forbidden("The address is not one of a certificate.", code="bad-address")
    if url not in CERTIFICATES:
        pem = await _fetch(runtime, url)
        if len(CERTIFICATES) >= MOST_CERTIFICATES:
            CERTIFICATES.clear()
        CERTIFICATES[url] = pem
    return CERTIFICATES[url]


async def _fetch(runtime: Runtime, url: str) -> bytes:
    check_address(url)
    if runtime.http is None:
        raise Unavailable("The service is starting.")
    try:
        async with runtime.http.get(url, allow_redirects=False) as answer:
            raw = await answer.content.read(MOST_BYTES)
    except (TimeoutError, aiohttp.ClientError) as error:
        raise Unavailable("SNS is out of reach; try again.") from error
    if answer.status != 200:  # noqa: PLR2004
        raise Unavailable("SNS does not answer; try again.")
    return raw
