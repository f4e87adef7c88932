"""Reading a CSV file: UTF-8 (with or without a byte order mark), commas, a header, one row a thing."""

import csv
import io
from collections.abc import Iterator
from typing import Any, NamedTuple

from kernel import DomainError, Invalid, Problems

from orgs.sheets.cells import read
from orgs.sheets.columns import COLUMNS, Column, SheetKind, problem_of

MOST_ROWS = 100_000
LONGEST_CELL = 100_000
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Fault(NamedTuple):
    """What is wrong, and where: a line of the file (the header is line 1) and a column, or the row as a whole."""

    line: int
    column: str | None
    code: str
    detail: str


class Row(NamedTuple):
    """A row: the line it begins at, and its values by column."""

    line: int
    values: dict[str, Any]


def inspect(kind: SheetKind, content: bytes) -> int:
    """How many rows a file has. Raises Problems for what is wrong with it as a whole; reads no further than it must."""
    text = decoded(content)
    reader = _reader(text)
    columns_of(kind, _header(reader))
    rows = 0
    try:
        for cells in reader:
            rows += bool(cells)
            if rows > MOST_ROWS:
                raise Invalid(f"The file has more than {MOST_ROWS:,} rows; part it.", code="too-many-rows")
    except csv.Error as error:
        raise Invalid(f"Line {reader.line_num} cannot be read: {error}.", code="malformed-csv") from None
    if not rows:
        raise Invalid("The file has no rows.", code="empty")
    return rows


def decoded(content: bytes) -> str:
    """The text of a file. Raises Invalid saying where it is not UTF-8."""
    if content[:2] in UTF_16:
        raise Invalid("The file is UTF-16; save it as UTF-8.", code="not-utf-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        where = f"line {line}, byte {error.start + 1} (0x{content[error.start]:02X})"
        raise Invalid(f"The file is not UTF-8: {where}. Save it as UTF-8.", code="not-utf-8") from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise Invalid(f"Line {line} holds a zero byte.", code="malformed-csv")
    return text


def columns_of(kind: SheetKind, header: list[str]) -> list[Column]:
    """The columns that a header names, in its order. Raises Problems naming each missing, unknown or repeated one."""
    known = {column.name: column for column in COLUMNS[kind]}
    names = [name.strip().lower() for name in header]
    problems: list[DomainError] = []
    for name in dict.fromkeys(names):
        if name not in known:
            hint = " Part cells by commas." if ";" in name or "\t" in name else ""
            shown = name[:60]
            problems.append(Invalid(f"There is no column {shown!r}.{hint}", code="unknown-column"))
        elif names.count(name) > 1:
            problems.append(Invalid(f"The column {name} is there twice.", code="repeated-column"))
    problems += [
        Invalid(f"The column {column.name} is missing.", code="missing-column")
        for column in known.values()
        if column.required and column.name not in names
    ]
    if problems:
        raise Problems(problems)
    return [known[name] for name in names]


def rows_of(kind: SheetKind, text: str) -> Iterator[Row | list[Fault]]:
    """Each row with its values, or what is wrong with its cells. The file has been inspected."""
    reader = _reader(text)
    columns = columns_of(kind, _header(reader))
    line = reader.line_num + 1
    for cells in reader:
        if cells:
            yield _row(columns, line, cells)
        line = reader.line_num + 1


def _row(columns: list[Column], line: int, cells: list[str]) -> Row | list[Fault]:
    if len(cells) != len(columns):
        return [Fault(line, None, "cells", f"The row has {len(cells)} cells, the header {len(columns)}.")]
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for column, cell in zip(columns, cells, strict=True):
        try:
            values[column.name] = column.value(read(cell))
        except ValueError as error:
            faults.append(Fault(line, column.name, "invalid", problem_of(column, error)))
    return faults or Row(line, values)


def _reader(text: str) -> Any:
    csv.field_size_limit(LONGEST_CELL)
    return csv.reader(io.StringIO(text, newline=""), strict=True)


def _header(reader: Any) -> list[str]:
    try:
        return next(reader)
    except StopIteration:
        raise Invalid("The file is empty.", code="empty") from None
    except csv.Error as error:
        raise Invalid(f"The header cannot be read: {error}.", code="malformed-csv") from None
