"""Requests to addresses that other people name: webhooks, metadata of identity providers (SECURITY: outgoing requests).

Only https, only public addresses, and exactly those that were looked at: the connection goes to the address that the
name had when it was checked, so a name that changes its mind meanwhile leads nowhere else. No redirect is followed, no
cookie is kept, no proxy of the environment is asked, and an answer is cut off at a size and a time.

`MUSTER_OUTSIDE_ALLOWED` lists, for development and for networks that belong together, what may be reached although it
lies inside, also over plain http: networks (`127.0.0.0/8`) and names (`idp.internal`), separated by commas.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from kernel import Invalid, SettingsError, Unavailable

from chassis.runtime import Runtime

LONGEST_URL = 2048
DEADLINE = 5.0
LARGEST_ANSWER = 1024 * 1024
PIECE = 16 * 1024
SERVING = 1000
"""Every port below this one except the two of HTTP belongs to another protocol."""

_lookups = ThreadPoolExecutor(16, "outside-names")
"""Threads of their own: a name server that never answers, whoever named it, holds up nothing else of the process."""

STRANGE = re.compile(r'[\x00-\x20\x7f"<>\\^`{|}]')

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

TUNNELS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""NAT64 (RFC 6052, RFC 8215): an IPv4 address stands in the last 32 bits."""
INSIDE: tuple[Network, ...] = (
    ipaddress.IPv4Network("192.88.99.0/24"),
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv4Network("168.63.129.16/32"),
    ipaddress.IPv6Network("2001::/23"),
    ipaddress.IPv6Network("fec0::/10"),
)
"""What `ipaddress` takes for public and is not for us: relays, protocol assignments, Azure's host, old site-locals."""


class Allowed(msgspec.Struct, frozen=True):
    """What may be reached although it lies inside."""

    networks: tuple[Network, ...] = ()
    names: frozenset[str] = frozenset()


class Answer(msgspec.Struct, frozen=True):
    """What came back. `cut` says that the body was longer than asked for; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut: bool


class Unreached(Exception):
    """No answer. `reason` is one of address, connection, certificate, time, protocol; never what a server said."""

    def __init__(self, reason: str) -> None:
        """`reason` is a word for programs; the text is for people."""
        super().__init__(REASONS[reason])
        self.reason = reason


REASONS = {
    "address": "The name has no public address.",
    "connection": "No connection could be made.",
    "certificate": "The server shows no certificate that counts.",
    "time": "No answer came in time.",
    "protocol": "The answer is not HTTP that can be read.",
}


@cache
def allowed(text: str) -> Allowed:
    """The setting's networks and names. Raises SettingsError."""
    networks: list[Network] = []
    names: set[str] = set()
    for word in filter(None, (part.strip().lower() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(word))
        except ValueError:
            if "/" in word or ":" in word:
                raise SettingsError(f"MUSTER_OUTSIDE_ALLOWED: {word} is neither a network nor a name") from None
            names.add(word)
    return Allowed(tuple(networks), frozenset(names))


def check(runtime: Runtime, url: str, *, pointer: str | None = None, parameter: str | None = None) -> str:
    """The URL, if requests may go there as far as its text tells; the rest is seen when connecting. Raises Invalid."""
    if problem := _problem(url, allowed(runtime.common.outside_allowed)):
        raise Invalid(problem, pointer=pointer, parameter=parameter, code="address-not-allowed")
    return url


def _problem(url: str, exceptions: Allowed) -> str | None:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host = port = parts = None
    if not parts or not host or len(url) > LONGEST_URL or not url.isascii() or STRANGE.search(url):
        return "This is not a URL."
    if parts.username is not None or parts.fragment:
        return "The URL may name neither a user nor a fragment."
    return _unreachable(parts.scheme, host, port, exceptions)


def _unreachable(scheme: str, host: str, port: int | None, exceptions: Allowed) -> str | None:
    literal = _literal(host)
    excepted = host in exceptions.names or (literal is not None and _excepted(literal, exceptions))
    if scheme != "https" and not (scheme == "http" and excepted):
        return "Only https URLs are allowed."
    if port is not None and port < SERVING and port not in {80, 443} and not excepted:
        return "This port is not allowed."
    if literal is not None and not excepted and not is_public(literal):
        return "The address is not public."
    return None


def is_public(address: Address) -> bool:
    """Whether an address is anybody's on the internet, and not ours, this machine's or a tunnel to either."""
    if isinstance(address, ipaddress.IPv6Address) and (inner := _within(address)) is not None:
        return is_public(inner)
    if address.is_multicast or address.is_reserved or address.is_unspecified or not address.is_global:
        return False
    return not any(address in network for network in INSIDE if network.version == address.version)


def _within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if any(address in network for network in TUNNELS):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _excepted(address: Address, exceptions: Allowed) -> bool:
    return any(address in network for network in exceptions.networks if network.version == address.version)


async def reachable(
    exceptions: Allowed, host: str, port: int | None = None, family: int = 0
) -> list[tuple[socket.AddressFamily, int, str]]:
    """The addresses of a name that may be reached: family, protocol, address. Raises OSError for a name without any."""
    look = partial(socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_lookups, look)
    named = host.rstrip(".").lower() in exceptions.names
    places = [(kind, proto, str(place[0])) for kind, _, proto, _, place in found]
    return [one for one in places if named or _counts(one[2], exceptions)]


def _counts(text: str, exceptions: Allowed) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    return is_public(address) or _excepted(address, exceptions)


class _CheckedResolver(AbstractResolver):
    """Resolves names to what may be reached. aiohttp connects to what this answers, and to nothing else."""

    def __init__(self, exceptions: Allowed) -> None:
        self._exceptions = exceptions

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host` that count. Raises OSError where there is none."""
        found = await reachable(self._exceptions, host, port, family)
        if not found:
            raise OSError("no address that may be reached")
        return [
            ResolveResult(hostname=host, host=text, port=port, family=kind, proto=proto, flags=0)
            for kind, proto, text in found
        ]

    async def close(self) -> None:
        """Nothing is held."""


def session(exceptions: Allowed) -> aiohttp.ClientSession:
    """The connections of a process to addresses that other people named."""
    connector = aiohttp.TCPConnector(
        resolver=_CheckedResolver(exceptions), use_dns_cache=False, limit=50, limit_per_host=10, keepalive_timeout=5
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"user-agent": "muster", "accept-encoding": "identity"},
        auto_decompress=False,
        trust_env=False,
    )


async def fetch(
    runtime: Runtime,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    deadline: float = DEADLINE,
    most: int = LARGEST_ANSWER,
) -> Answer:
    """One request and what came back, at most `most` bytes of it. Raises Invalid as `check` does, and Unreached."""
    check(runtime, url)
    if runtime.outside is None:
        raise Unavailable("The service is starting.")
    try:
        async with (
            asyncio.timeout(deadline),
            runtime.outside.request(method, url, headers=headers, data=body, allow_redirects=False) as answer,
        ):
            content = await _at_most(answer, most + 1)
            named = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, named, content[:most], cut=len(content) > most)
    except TimeoutError as error:
        raise Unreached("time") from error
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise Unreached("certificate") from error
    except aiohttp.ClientConnectorDNSError as error:
        raise Unreached("address") from error
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError, OSError) as error:
        raise Unreached("connection") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise Unreached("protocol") from error


async def _at_most(answer: Any, most: int) -> bytes:
    content = bytearray()
    async for piece in answer.content.iter_chunked(PIECE):
        content += piece
        if len(content) >= most:
            answer.close()
            break
    return bytes(content)


__all__ = ["Allowed", "Answer", "Unreached", "allowed", "check", "fetch", "is_public", "reachable", "session"]
