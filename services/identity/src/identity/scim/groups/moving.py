"""PATCHes that only bring members in or take them out, as directories send them by the thousand.

They are carried out as statements: a group of ten thousand is neither read nor written for one more member.
"""

import re
from typing import Any, cast
from uuid import UUID

import msgspec
from scim2_models import PatchOp

from identity.scim.documents import CORE_GROUP

MEMBERS = re.compile(rf"^(?:{re.escape(CORE_GROUP)}:)?members$", re.IGNORECASE)
SELECTED = re.compile(
    rf'^(?:{re.escape(CORE_GROUP)}:)?members\[\s*value\s+eq\s+"([0-9a-f-]{{36}})"\s*\]$', re.IGNORECASE
)


class Moves(msgspec.Struct, frozen=True):
    """Who is a member afterwards, and who is not; of the others nothing is said."""

    added: set[UUID]
    removed: set[UUID]


def moves_of(body: Any) -> Moves | None:
    """What a PATCH says of members; None where it says anything else, or says it in another way."""
    content: dict[str, Any] = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    operations = content.get("Operations")
    if content.get("schemas") != [str(PatchOp.__schema__)] or not isinstance(operations, list) or not operations:
        return None
    moves = Moves(set(), set())
    for operation in cast("list[Any]", operations):
        named = _named(operation)
        if named is None:
            return None
        comes, users = named
        (moves.added if comes else moves.removed).update(users)
        (moves.removed if comes else moves.added).difference_update(users)
    return moves


def _named(operation: Any) -> tuple[bool, set[UUID]] | None:
    """Whether members come or go, and who."""
    if not isinstance(operation, dict):
        return None
    content = cast("dict[str, Any]", operation)
    op, path, value = str(content.get("op")).lower(), content.get("path"), content.get("value")
    if op == "remove" and value is None and isinstance(path, str) and (selected := SELECTED.match(path)):
        return False, {UUID(selected[1])}
    if op == "add" and path is None and isinstance(value, dict) and value.keys() == {"members"}:
        return _with(True, cast("dict[str, Any]", value)["members"])
    if op in {"add", "remove"} and isinstance(path, str) and MEMBERS.match(path):
        return _with(op == "add", value)
    return None


def _with(comes: bool, value: Any) -> tuple[bool, set[UUID]] | None:
    listed = cast("list[Any]", value if isinstance(value, list) else [value])
    try:
        users = {UUID(one["value"]) for one in listed}
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return (comes, users) if users else None
