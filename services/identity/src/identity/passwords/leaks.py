"""How often a password stands in known leaks, asked so that nobody learns the password.

The range format of Pwned Passwords (https://haveibeenpwned.com/API/v3#PwnedPasswords): asked for the first five hex
digits of a SHA-1, the service answers `SUFFIX:COUNT` lines for all hashes that begin so. A count of 0 is padding.
A folder with one file a prefix (`00000.txt` or `00000`), or one file of whole `HASH:COUNT` lines of at most 64 MiB,
serves instead of the service.
"""

import asyncio
import hashlib
import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import structlog
from chassis.runtime import Runtime
from kernel import SettingsError
from prometheus_client import Counter

PREFIX_DIGITS = 5
SECONDS = 2.0
LARGEST = 512 * 1024
LARGEST_FILE = 64 * 1024 * 1024
FOUND = re.compile(r"^([0-9A-F]{35}):([0-9]{1,12})$", re.MULTILINE)

asked_total = Counter("muster_identity_leak_checks", "Questions whether a password leaked, by result", ["result"])
log = structlog.get_logger("identity.leaks")


class Unanswered(Exception):
    """The service gave no answer that counts. The text is a reason without a secret."""


def checked_source(source: str) -> str:
    """The setting, if it can be used: empty, a path, an https URL, or an http URL of this machine or its network.

    Raises SettingsError.
    """
    parts = urlsplit(source)
    if not source or source.startswith("/"):
        return source
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise SettingsError("MUSTER_LEAKED_PASSWORDS is neither an https URL nor an absolute path")
    if parts.scheme == "http" and not _near(parts.hostname):
        raise SettingsError("MUSTER_LEAKED_PASSWORDS: plain http only to an address of this machine or its network")
    return source


async def times(runtime: Runtime, source: str, password: str) -> tuple[int, str]:
    """How often a password stands in known leaks, and a sentence about it. -1 where that cannot be told."""
    if not source:
        return -1, "No service for leaked passwords is configured."
    digest = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
    prefix, suffix = digest[:PREFIX_DIGITS], digest[PREFIX_DIGITS:]
    try:
        async with asyncio.timeout(SECONDS):
            text = await (_read(source, prefix) if source.startswith("/") else _fetched(runtime, source, prefix))
    except (Unanswered, OSError, TimeoutError, aiohttp.ClientError) as error:
        asked_total.labels("failed").inc()
        log.warning(
            "leaks cannot be told", reason=str(error) if isinstance(error, Unanswered) else type(error).__name__
        )
        return -1, "Whether the password leaked cannot be told now."
    counts = {hash_: int(count) for hash_, count in FOUND.findall(text)}
    count = counts.get(suffix, 0)
    asked_total.labels("leaked" if count else "clean").inc()
    return count, f"Seen {count} times in known leaks." if count else "Not seen in known leaks."


async def _fetched(runtime: Runtime, source: str, prefix: str) -> str:
    """The range from the service: no redirect is followed and no more than `LARGEST` bytes are taken."""
    if runtime.http is None:
        raise Unanswered("starting")
    url = f"{source.rstrip('/')}/{prefix}"
    headers = {"Add-Padding": "true", "User-Agent": "muster", "Accept": "text/plain"}
    async with runtime.http.get(url, headers=headers, allow_redirects=False) as answer:
        if answer.status != 200:  # noqa: PLR2004
            raise Unanswered(f"status {answer.status}")
        taken = bytearray()
        async for chunk in answer.content.iter_chunked(64 * 1024):
            taken += chunk
            if len(taken) > LARGEST:
                raise Unanswered("too long")
    return taken.decode("ascii", "replace").replace("\r\n", "\n").upper()


async def _read(source: str, prefix: str) -> str:
    return await asyncio.to_thread(_from_files, Path(source), prefix)


def _from_files(source: Path, prefix: str) -> str:
    """The range from files. Raises OSError where there are none, and Unanswered for one too large to look through."""
    if source.is_dir():
        for name in (f"{prefix}.txt", prefix, f"{prefix.lower()}.txt", prefix.lower()):
            if (source / name).is_file():
                return (source / name).read_text("ascii", "replace").upper()
        return ""
    if source.stat().st_size > LARGEST_FILE:
        raise Unanswered("too large a file")
    with source.open(encoding="ascii", errors="replace") as lines:
        return "\n".join(line.strip().upper()[PREFIX_DIGITS:] for line in lines if line[:5].upper() == prefix)


def _near(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost"
