"""The persons of a cohort as a CSV file: one column for each property and place that anybody has.

Which columns there are is known only when everybody has been read, so rows wait on disk until then.
"""

import csv
import io
from collections.abc import AsyncIterator, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import msgspec
from chassis.runtime import Runtime

from artifacts.cohorts.filters.conditions import as_text
from artifacts.cohorts.projects.persons import Place, every
from artifacts.cohorts.projects.schemas import PersonQuery, ProjectPerson

MOST_ROWS = 300_000
MOST_COLUMNS = 1000
IN_MEMORY = 4 * 1024 * 1024
PIECE_ROWS = 500
FIRST = ("id", "email", "name", "created_at")
RISKY = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell may not begin with: spreadsheets would compute it (OWASP, CSV injection)."""


async def written(runtime: Runtime, found: Place, query: PersonQuery) -> AsyncIterator[bytes]:
    """Read everybody, and answer the file in pieces. Raises Invalid."""
    rows: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 the iterator closes it
    columns: dict[str, None] = {}
    most = min(query.limit or MOST_ROWS, MOST_ROWS)
    async for persons in every(runtime, found, query, most):
        for person in persons:
            cells = _cells(person)
            columns.update(dict.fromkeys(cells))
            rows.write(msgspec.json.encode(cells) + b"\n")
    rows.seek(0)
    return _pieces(rows, _ordered(columns))


async def _pieces(rows: IO[bytes], columns: list[str]) -> AsyncIterator[bytes]:
    with rows:
        for piece in _texts(rows, columns):
            yield piece.encode()


def _texts(rows: IO[bytes], columns: list[str]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", restval="")
    writer.writeheader()
    for number, line in enumerate(rows, 1):
        writer.writerow(msgspec.json.decode(line))
        if number % PIECE_ROWS == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _cells(person: ProjectPerson) -> dict[str, str]:
    properties = {name: value for name, value in person.properties.items() if name != "email"}
    cells = {
        "id": str(person.id),
        "email": _cell(person.properties.get("email")),
        "name": _cell(person.name),
        "created_at": msgspec.to_builtins(person.created_at),
    }
    for name, value in (("properties", properties), ("distinct_ids", person.distinct_ids)):
        _flatten(name, value, cells)
    return cells


def _flatten(name: str, value: Any, cells: dict[str, str]) -> None:
    if isinstance(value, dict | list):
        pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        for key, one in pairs:
            _flatten(f"{name}.{key}", one, cells)
    else:
        cells[name] = _cell(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(RISKY) else value
    return as_text(value)


def _ordered(columns: dict[str, None]) -> list[str]:
    """The first ones, then properties by name, then distinct ids by place; at most MOST_COLUMNS."""
    known = [*columns]
    properties = sorted(name for name in known if name.startswith("properties."))
    places = sorted((name for name in known if name.startswith("distinct_ids.")), key=lambda name: int(name[13:]))
    return [*FIRST, *properties[: MOST_COLUMNS - len(FIRST) - len(places)], *places]
