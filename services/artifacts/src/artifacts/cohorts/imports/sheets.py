"""A CSV file of persons: which column names them, and its cells. Read from a file on disk, never whole in memory."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Literal
from uuid import UUID

import msgspec
from kernel import Invalid

IdKind = Literal["person_id", "distinct_id", "email"]

SINGLE: dict[str, IdKind] = {
    "person_id": "person_id",
    "person-id": "person_id",
    "person .id": "person_id",
    "person.id": "person_id",
    "email": "email",
    "e-mail": "email",
}
"""Headers of a file with one column; any other first cell is an id like the rest."""
COLUMNS: dict[str, IdKind] = {**SINGLE, "distinct_id": "distinct_id", "distinct-id": "distinct_id"}
PREFERRED: tuple[IdKind, ...] = ("person_id", "distinct_id", "email")
EXPORTED = ["id", "email", "name", "created_at"]
"""How our own exports begin; their `id` is the person's."""
MOST_ROWS = 5_000_000
LONGEST_ID = 1000
SHOWN_COLUMNS = 20

EMPTY = "CSV file is empty. Please upload a CSV file with at least one row of data."
NO_COLUMN = (
    "CSV file with several columns must have at least one column with a supported ID header: "
    "'person_id', 'distinct_id' or 'email'. Found columns: {}"
)
NO_IDS = "CSV file contains no valid person IDs, distinct IDs, or email addresses."
ENCODING = "CSV file encoding is not supported. Please save the file in UTF-8 encoding."
FORMAT = "CSV file format is invalid: {}"
TOO_LONG = f"CSV file has more than {MOST_ROWS} rows."


class Sheet(msgspec.Struct):
    """What a file says: which kind of id, and how many there are."""

    kind: IdKind
    count: int = 0


def copy_ids(file: IO[bytes], to: IO[bytes]) -> Sheet:
    """Write a file's ids, one JSON text a line. Raises Invalid with `csv` as the place."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        rows = (row for row in csv.reader(text, strict=True) if any(cell.strip() for cell in row))
        return _copied(rows, to)
    except UnicodeDecodeError:
        raise _refused(ENCODING) from None
    except csv.Error as error:
        raise _refused(FORMAT.format(error)) from None
    finally:
        text.detach()


def _copied(rows: Iterator[list[str]], to: IO[bytes]) -> Sheet:
    first = next(rows, None)
    if first is None:
        raise _refused(EMPTY)
    sheet, place, body = _column(first, rows)
    for number, row in enumerate(body):
        if number >= MOST_ROWS:
            raise _refused(TOO_LONG)
        if len(row) > place and (cell := _identifier(row[place], sheet.kind)):
            to.write(msgspec.json.encode(cell) + b"\n")
            sheet.count += 1
    if not sheet.count:
        raise _refused(NO_IDS)
    return sheet


def _column(first: list[str], rows: Iterator[list[str]]) -> tuple[Sheet, int, Iterable[list[str]]]:
    """What the ids are, in which column, and the rows that hold them."""
    cells = [cell.strip() for cell in first]
    filled = [place for place, cell in enumerate(cells) if cell]
    if len(filled) == 1:
        place = filled[0]
        kind = SINGLE.get(cells[place].lower())
        return (Sheet(kind), place, rows) if kind else (Sheet("distinct_id"), place, chain([first], rows))
    names = [cell.lower() for cell in cells]
    if names[: len(EXPORTED)] == EXPORTED:
        return Sheet("person_id"), 0, rows
    for kind in PREFERRED:
        for place, name in enumerate(names):
            if COLUMNS.get(name) == kind:
                return Sheet(kind), place, rows
    found = ", ".join(cells[place][:100] for place in filled[:SHOWN_COLUMNS])
    raise _refused(NO_COLUMN.format(found))


def _identifier(cell: str, kind: IdKind) -> str:
    """A cell as an id; empty where it can be none."""
    identifier = cell.strip()
    if len(identifier) > LONGEST_ID or "\x00" in identifier:
        return ""
    if kind == "person_id":
        try:
            return str(UUID(identifier))
        except ValueError:
            return ""
    return identifier.lower() if kind == "email" else identifier


def _refused(detail: str) -> Invalid:
    return Invalid(detail, pointer="csv", code="invalid_input")
