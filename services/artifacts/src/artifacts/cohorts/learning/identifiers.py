"""Identifiers and cursors of the learning dialect."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

import msgspec
from kernel import Invalid, NotFound, parse_prefixed_ulid, prefixed_ulid

COHORT, COMPLETION = "coh", "cmp"
GROUP = "grp-"
ASSESSMENT = "asm-"


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """The last row of a page."""

    created_at: datetime
    id: UUID


def written(prefix: str, identifier: UUID) -> str:
    """An identifier as this dialect writes it."""
    return prefixed_ulid(prefix, identifier)


def read(prefix: str, identifier: str) -> UUID:
    """The identifier behind a text of a path. Raises NotFound."""
    try:
        return parse_prefixed_ulid(prefix, identifier)
    except ValueError:
        raise NotFound from None


def named(prefix: str, text: str, pointer: str) -> UUID:
    """The UUID in `grp-…` or `asm-…`. Raises Invalid."""
    try:
        return UUID(text.removeprefix(prefix))
    except ValueError:
        raise Invalid(f"{prefix} and a UUID is needed.", pointer=pointer) from None


def after(created_at: datetime, identifier: UUID) -> str:
    """The cursor of a page's last row."""
    raw = msgspec.json.encode(Cursor(created_at, identifier))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def cursor(text: str) -> Cursor:
    """The row that a cursor stands for. Raises Invalid."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise Invalid("The cursor is not one of ours.", parameter="cursor") from None
