"""Links by which one type of message is ended with one click (RFC 8058), without signing in.

A link holds whom and what it is about, and a code that only this service can make.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from kernel import NotFound

PURPOSE = b"muster one-click unsubscribe\n"
CODE_BYTES, ID_BYTES = 32, 16


def token(secret: str, user_id: UUID, kind: str, channel: str) -> str:
    """What stands in a link."""
    said = user_id.bytes + f"{kind}/{channel}".encode()
    return urlsafe_b64encode(_code(secret, said) + said).decode().rstrip("=")


def opened(secret: str, given: str) -> tuple[UUID, str, str]:
    """User, type and channel of a link's token. Raises NotFound for one that this service did not make."""
    try:
        raw = urlsafe_b64decode(given + "=" * (-len(given) % 4))
        said = raw[CODE_BYTES:]
        if not secret or not hmac.compare_digest(raw[:CODE_BYTES], _code(secret, said)):
            raise NotFound
        kind, _, channel = said[ID_BYTES:].decode().partition("/")
        return UUID(bytes=said[:ID_BYTES]), kind, channel
    except ValueError:
        raise NotFound from None


def _code(secret: str, said: bytes) -> bytes:
    return hmac.digest(secret.encode(), PURPOSE + said, "sha256")
