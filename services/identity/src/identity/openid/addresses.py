"""Addresses that browsers are sent to: what may be registered, and when one is the registered one.

Compared letter by letter (RFC 9700, section 4.1.3). An application on a person's own device may answer on any port of
the loopback interface, because it learns the port only when it runs (RFC 8252, section 7.3).
"""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

LONGEST = 255

NEAR = ("127.0.0.1", "[::1]", "localhost")
STRANGE = re.compile(r"[\x00-\x20\x7f-\U0010ffff\"<>\\^`{|}]")
OWN_SCHEME = re.compile(r"^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+$")
PORT = re.compile(r"^(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?(?=[/?]|$)")


def problem(address: str, *, native: bool) -> str | None:
    """What is wrong with an address that a client wants to register; None where nothing is."""
    parts = _parts(address)
    if parts is None or len(address) > LONGEST:
        return f"Give a URI of at most {LONGEST} ASCII characters."
    if "#" in address or "@" in parts.netloc or "*" in parts.netloc:
        return "The address may have no fragment, no user and no placeholder."
    if parts.scheme == "https":
        return None if parts.hostname else "The address names no host."
    if parts.scheme == "http":
        return None if _host(parts) in NEAR else "Plain http is only for the loopback interface."
    if native and OWN_SCHEME.match(parts.scheme):
        return None
    return "Use https; a native application may use a scheme that is a domain of its own turned around."


def same(asked: str, registered: Iterable[str], *, native: bool) -> bool:
    """Whether an address is one of those that were registered."""
    known = list(registered)
    if asked in known:
        return True
    if not native or len(asked) > LONGEST or PORT.match(asked) is None or _parts(asked) is None:
        return False
    return _portless(asked) in {_portless(address) for address in known if PORT.match(address)}


def _portless(address: str) -> str:
    return PORT.sub(r"\1", address)


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme and not STRANGE.search(address) else None


def _host(parts: SplitResult) -> str:
    name = parts.hostname or ""
    return f"[{name}]" if ":" in name else name
