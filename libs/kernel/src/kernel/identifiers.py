"""Identifiers: UUIDv7 for records, prefixed ULID text for the dialects that show one."""

from uuid import UUID

import uuid_utils

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_LENGTH = 26


def uuid7() -> UUID:
    """A new time-ordered identifier (RFC 9562, version 7)."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def uuid7_text() -> str:
    """The same as text, without the object: for ids that are only written."""
    return str(uuid_utils.uuid7())


def prefixed_ulid(prefix: str, identifier: UUID) -> str:
    """The 128 bits of `identifier` as `prefix_` and 26 letters of Crockford's base 32."""
    value = identifier.int
    letters = [ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(letters)}"


def parse_prefixed_ulid(prefix: str, text: str) -> UUID:
    """The identifier behind `prefixed_ulid`'s text. Raises ValueError for anything else."""
    head, _, letters = text.partition("_")
    if head != prefix or len(letters) != _LENGTH:
        raise ValueError(f"not a {prefix}_ identifier")
    value = 0
    for letter in letters:
        if letter not in _VALUES:
            raise ValueError(f"not a {prefix}_ identifier")
        value = value << 5 | _VALUES[letter]
    if value >> 128:
        raise ValueError(f"not a {prefix}_ identifier")
    return UUID(int=value)
