"""Bodies that come as JSON, as a form or as several parts, into one shape.

In a form every value is text: objects and lists come as JSON, truths as words.
"""

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from kernel import Invalid
from litestar import Request
from litestar.datastructures import UploadFile

FILED, ENCODED = "multipart/form-data", "application/x-www-form-urlencoded"
LARGEST = 128 * 1024 * 1024
"""Bytes of a body with a file; without one it is LARGEST_PLAIN."""
LARGEST_PLAIN = 1024 * 1024
PERSONS = "_create_static_person_ids"
JSON_FIELDS = ("groups", "filters", "query", PERSONS)
TRUE, FALSE = frozenset({"true", "1", "yes", "on", "t", "y"}), frozenset({"false", "0", "no", "off", "f", "n", ""})
LONGEST_NAME, LONGEST_DESCRIPTION = 400, 1000
TYPES = ("static", "person_property", "behavioral", "realtime", "analytical")
MOST_PERSONS = 10_000


class Written(msgspec.Struct, kw_only=True):
    """What a client says of a cohort; UNSET where it says nothing."""

    name: str | None | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType = msgspec.UNSET
    groups: list[dict[str, Any]] | msgspec.UnsetType = msgspec.UNSET
    deleted: bool | msgspec.UnsetType = msgspec.UNSET
    filters: Any = msgspec.UNSET
    query: Any = msgspec.UNSET
    is_static: bool | msgspec.UnsetType = msgspec.UNSET
    cohort_type: str | None | msgspec.UnsetType = msgspec.UNSET
    person_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    csv: UploadFile | None = None
    mcp: bool = False

    def said(self, field: str) -> bool:
        """Whether the client says something of a field."""
        return getattr(self, field) is not msgspec.UNSET


async def receive(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The members of a body as they came, the file on disk.

    It may take as long as the caller's line does, so nothing of the database is used yet. Raises Invalid.
    """
    kind, _ = request.content_type
    if kind == FILED:
        form = await request.form()
        return _of_form({name: form.getall(name) for name in form})
    body = await _plain(request)
    if kind == ENCODED:
        values: dict[str, list[Any]] = {}
        for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return _of_form(values)
    return _decoded(body or b"{}")


async def _plain(request: Request[Any, Any, Any]) -> bytes:
    """A body without a file: it stands in memory, so it may not be as large as one with a file."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_PLAIN:
            raise Invalid("The body is too large.", code="too-large", status=413)
    return bytes(body)


def _of_form(values: dict[str, list[Any]]) -> dict[str, Any]:
    given = {name: _parsed(name, several) if name in JSON_FIELDS else several[-1] for name, several in values.items()}
    if isinstance(given.get("csv"), str) and given["csv"]:
        raise Invalid("The submitted data was not a file. Check the encoding type on the form.", pointer="csv")
    return given


def read(given: dict[str, Any], *, mcp: bool = False) -> Written:
    """What a body says; it came through `mcp` or not. Raises Invalid naming the first field that is wrong."""
    file = given.get("csv")
    written = Written(csv=file if isinstance(file, UploadFile) else None, mcp=mcp)
    for name, check in CHECKS.items():
        if name in given:
            setattr(written, RENAMED.get(name, name), check(given[name], name))
    return written


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"JSON parse error - {error}", code="parse_error") from None
    except RecursionError:
        raise Invalid("The body is nested too deep.", code="parse_error") from None
    if not isinstance(given, dict):
        raise Invalid("Invalid data. Expected a dictionary.", pointer="non_field_errors")
    return given  # pyright: ignore[reportUnknownVariableType]


def _parsed(name: str, values: list[Any]) -> Any:
    """JSON in a form's value; ids of persons may also stand in values of their own."""
    if name == PERSONS and (len(values) > 1 or not str(values[0]).lstrip().startswith(("[", "null"))):
        return [one for one in values if one]
    try:
        return msgspec.json.decode(str(values[-1]) or "null")
    except (msgspec.DecodeError, RecursionError):
        raise Invalid("This must be valid JSON.", pointer=name) from None


def _name(value: Any, field: str) -> str | None:
    if value is None:
        return None
    return _text(value, field, LONGEST_NAME).strip() or None


def _description(value: Any, field: str) -> str:
    return "" if value is None else _text(value, field, LONGEST_DESCRIPTION).strip()


def _text(value: Any, field: str, longest: int) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Invalid("Not a valid string.", pointer=field)
    if "\x00" in value:
        raise Invalid("Null characters are not allowed.", pointer=field)
    if len(value) > longest:
        raise Invalid(f"Ensure this field has no more than {longest} characters.", pointer=field, code="max_length")
    return value


def _truth(value: Any, field: str) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise Invalid("Must be a valid boolean.", pointer=field)


def _groups(value: Any, field: str) -> list[dict[str, Any]]:
    if isinstance(value, str):
        value = _parsed(field, [value])
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):  # pyright: ignore[reportUnknownVariableType]
        raise Invalid("groups must be a list of objects.", pointer=field)
    return value  # pyright: ignore[reportUnknownVariableType]


def _type(value: Any, field: str) -> str | None:
    if value is None or value == "":
        return None
    if value not in TYPES:
        raise Invalid(f'"{value}" is not a valid choice.', pointer=field, code="invalid_choice")
    return value


def _anything(value: Any, field: str) -> Any:
    """Criteria look at it themselves."""
    _ = field
    return value


def _persons(value: Any, field: str) -> list[UUID]:
    """UUIDs of persons; what is none matches nobody."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Invalid("Expected a list of items.", pointer=field, code="not_a_list")
    items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
    if len(items) > MOST_PERSONS:
        raise Invalid(f"At most {MOST_PERSONS} persons at once; send a file of more.", pointer=field)
    found: dict[UUID, None] = {}
    for one in items:
        try:
            found[UUID(str(one))] = None
        except ValueError:
            raise Invalid("Must be a valid UUID.", pointer=field) from None
    return list(found)


CHECKS: dict[str, Any] = {
    "name": _name,
    "description": _description,
    "groups": _groups,
    "deleted": _truth,
    "filters": _anything,
    "query": _anything,
    "is_static": _truth,
    "cohort_type": _type,
    PERSONS: _persons,
}
RENAMED = {PERSONS: "person_ids"}
