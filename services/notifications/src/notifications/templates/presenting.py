"""Templates between their rows and their documents."""

from typing import Any, TypeVar

import msgspec

from notifications.templates.types import Written

Attributes = TypeVar("Attributes", bound=msgspec.Struct)
RENAMED = {"created_time": "created_at", "last_modified_time": "updated_at"}


def attributes_of(kind: type[Attributes], row: Any) -> Attributes:
    """A row's attributes on the wire."""
    return kind(**{name: getattr(row, RENAMED.get(name, name)) for name in kind.__struct_fields__})


def content_of(new: msgspec.Struct) -> Written:
    """What a new template says. Short messages are plain text."""
    given = msgspec.structs.asdict(new)
    return Written(**{"format": "txt"} | {name: given[name] for name in Written.__struct_fields__ if name in given})
