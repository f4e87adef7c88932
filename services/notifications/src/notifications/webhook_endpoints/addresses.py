"""Where webhooks may go. What decides is the address that a connection is made to, at each try (chassis.outside).

What is looked at here, when an address is written, only says early what would fail every time.
"""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from chassis import outside
from chassis.runtime import Runtime
from kernel import Invalid

POINTER = "/data/attributes/url"
LOOK_SECONDS = 2.0


async def check(runtime: Runtime, url: str) -> str:
    """The URL, if its host has a public address now. Raises Invalid; the same for a host that there is not."""
    outside.check(runtime, url, pointer=POINTER)
    host = (urlsplit(url).hostname or "").rstrip(".")
    exceptions = outside.allowed(runtime.common.outside_allowed)
    if host in exceptions.names:
        return url
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        found = []
    if not any(_counts(str(place[4][0]), exceptions) for place in found):
        raise Invalid("The host has no public address.", pointer=POINTER, code="address-not-allowed")
    return url


def _counts(text: str, exceptions: outside.Allowed) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    inside = any(address in network for network in exceptions.networks if network.version == address.version)
    return inside or outside.is_public(address)
