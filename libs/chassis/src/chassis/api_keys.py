"""API keys as a service meets them.

Behind the gateway a service never sees a key: the gateway has identity turn it into an internal token. A service that
runs alone asks identity itself, and keeps the answer for a few seconds. Either way the token goes the way of every
token: verified, and held against the feed of what was revoked.

A key is `mst_live_`, 256 random bits as base64url and a check of six characters, so what was cut off or mistyped is
refused without asking anybody.
"""

import base64
import hashlib
import time
from collections import OrderedDict
from zlib import crc32

from kernel import Unauthorized, Unavailable

from chassis.clients import SLOW_DEADLINE, call
from chassis.runtime import Runtime

PREFIX = "mst_live_"
RANDOM_BYTES = 32
CHECK_LENGTH = 6
LENGTH = len(PREFIX) + 43 + CHECK_LENGTH

KEPT_SECONDS = 10.0
KEPT_KEYS = 10_000


def written(random: bytes) -> str:
    """The key that holds these 256 bits."""
    body = PREFIX + base64.urlsafe_b64encode(random).decode().rstrip("=")
    return body + _check(body)


def well_formed(key: str) -> bool:
    """Whether a text can be a key at all."""
    body = key[:-CHECK_LENGTH]
    return len(key) == LENGTH and key.startswith(PREFIX) and key.isascii() and key[-CHECK_LENGTH:] == _check(body)


def _check(body: str) -> str:
    return base64.urlsafe_b64encode(crc32(body.encode()).to_bytes(4, "big")).decode()[:CHECK_LENGTH]


def digest(key: str) -> bytes:
    """What a key is known by: 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


class ApiKeys:
    """Turns keys into internal tokens by asking identity."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._kept: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    async def translated(self, key: str) -> str:
        """The internal token of a key. Raises Unauthorized, or Unavailable when identity does not answer."""
        if not well_formed(key):
            raise Unauthorized("The API key does not count.", code="invalid-credential")
        known = digest(key)
        if (kept := self._kept.get(known)) is not None and kept[0] > time.monotonic():
            return kept[1]
        token = await self._asked(key)
        self._kept[known] = (time.monotonic() + KEPT_SECONDS, token)
        self._kept.move_to_end(known)
        if len(self._kept) > KEPT_KEYS:
            self._kept.popitem(last=False)
        return token

    async def _asked(self, key: str) -> str:
        url = f"{self._runtime.common.identity_url}/v1/authenticate"
        body = {"edge-request": True}
        status, answer, _ = await call(
            self._runtime, "POST", url, token=None, body=body, deadline=SLOW_DEADLINE, api_key=key
        )
        if status == 401:  # noqa: PLR2004
            raise Unauthorized("The API key does not count.", code="invalid-credential")
        if status != 201:  # noqa: PLR2004
            raise Unavailable("Whether the API key counts cannot be told now.")
        return answer["data"]["internal-token"]
