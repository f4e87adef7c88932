"""The clock that services ask. Times are aware and in UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present time in UTC."""
    return datetime.now(UTC)


def rfc3339(time: datetime) -> str:
    """A time as RFC 3339 text in UTC that ends in `Z`."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
