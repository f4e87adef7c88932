"""From where a request comes, and from which device."""

import base64
import binascii
import ipaddress
import os
from typing import Any
from uuid import UUID

from litestar import Request

from identity.parts import Parts

COOKIE = "mst_device"
COOKIE_SECONDS = 365 * 24 * 3600
ID_BYTES = 16
MARK_BYTES = 16
MOST_PEOPLE = 4
IPV4_PREFIX, IPV6_PREFIX = 24, 56

AnyRequest = Request[Any, Any, Any]


def address_prefix(request: AnyRequest) -> str:
    """The network that the request comes from, as the gateway tells it."""
    forwarded = request.headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
    host = forwarded or (request.client.host if request.client else "")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    prefix = IPV4_PREFIX if address.version == 4 else IPV6_PREFIX  # noqa: PLR2004
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))


class Device:
    """The cookie of a device: a random id and a mark for each of the last people who signed in from it."""

    def __init__(self, parts: Parts, value: str | None) -> None:
        self._parts = parts
        raw = _decoded(value)
        self.id = raw[:ID_BYTES] if raw else os.urandom(ID_BYTES)
        self.marks = [raw[at : at + MARK_BYTES] for at in range(ID_BYTES, len(raw), MARK_BYTES)]

    def knows(self, user_id: UUID) -> bool:
        """Whether this person has signed in from the device before."""
        return self._mark(user_id) in self.marks

    def after(self, user_id: UUID) -> str:
        """The cookie's value once this person has signed in."""
        mine = self._mark(user_id)
        marks = [mine, *(mark for mark in self.marks if mark != mine)][:MOST_PEOPLE]
        return base64.urlsafe_b64encode(self.id + b"".join(marks)).decode().rstrip("=")

    def _mark(self, user_id: UUID) -> bytes:
        return self._parts.vault.mark("device", self.id, user_id.bytes)[:MARK_BYTES]


def device_of(request: AnyRequest, parts: Parts) -> Device:
    """The device that the request names, or a new one."""
    return Device(parts, request.cookies.get(COOKIE))


def device_cookie(value: str, parts: Parts, path: str = "/v1") -> dict[str, str]:
    """The header that sets the cookie; its value needs no quotes (RFC 6265, section 4.1.1)."""
    secure = "; Secure" if parts.settings.public_url.startswith("https://") else ""
    return {"set-cookie": f"{COOKIE}={value}; Path={path}; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=lax{secure}"}


def _decoded(value: str | None) -> bytes:
    try:
        raw = base64.urlsafe_b64decode((value or "") + "==")
    except (binascii.Error, ValueError):
        return b""
    longest = ID_BYTES + MOST_PEOPLE * MARK_BYTES
    return raw if ID_BYTES <= len(raw) <= longest and len(raw) % MARK_BYTES == 0 else b""
