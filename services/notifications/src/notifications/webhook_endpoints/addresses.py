"""Where webhooks may go. What decides is the address that a connection is made to, at each try (chassis.outside).

What is looked at here, when an address is written, only says early what would fail every time.
"""

import asyncio
from urllib.parse import urlsplit

from chassis import outside
from chassis.runtime import Runtime
from kernel import Invalid

POINTER = "/data/attributes/url"
LOOK_SECONDS = 2.0


async def check(runtime: Runtime, url: str) -> str:
    """The URL, if its host has a public address now. Raises Invalid; the same for a host that there is not."""
    outside.check(runtime, url, pointer=POINTER)
    host = urlsplit(url).hostname or ""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            found = await outside.reachable(outside.allowed(runtime.common.outside_allowed), host)
    except (OSError, UnicodeError, TimeoutError):
        found = []
    if not found:
        raise Invalid("The host has no public address.", pointer=POINTER, code="address-not-allowed")
    return url
