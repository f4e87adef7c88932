"""What a service says of an erasure: when, how many rows of which table, and a digest. Nothing of the person."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec
from kernel import rfc3339


class Receipt(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """`digest` is the SHA-256 of the request, the service, the time and the counts: it shows later changes."""

    erased_time: datetime
    counts: dict[str, int]
    digest: str


def made(request_id: UUID, service: str, at: datetime, counts: dict[str, int]) -> Receipt:
    """A service's receipt."""
    return Receipt(erased_time=at, counts=counts, digest=digest(request_id, service, at, counts))


def digest(request_id: UUID, service: str, at: datetime, counts: dict[str, int]) -> str:
    """The SHA-256 of what a receipt says, in hexadecimal."""
    lines = [str(request_id), service, rfc3339(at), *(f"{table} {counts[table]}" for table in sorted(counts))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
