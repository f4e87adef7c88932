"""Cells of a CSV file: text that a spreadsheet does not take for a formula, and lists inside a cell.

A spreadsheet runs a cell that begins like a formula (OWASP, CSV injection). Such a cell is written with an apostrophe
before it, and so is one that begins with an apostrophe, so that reading gives back exactly what was written.
"""

import csv
import io
import re
from collections.abc import Sequence

APOSTROPHE = "'"
DANGEROUS = frozenset("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 some spreadsheets take the wide forms, too
MARKED = DANGEROUS | {APOSTROPHE}
LIST_SEPARATOR = ";"
SPECIAL = re.compile(r"[;\"\r\n]")


def written(value: str) -> str:
    """A value as it stands in a cell."""
    return APOSTROPHE + value if value and value[0] in MARKED else value


def read(cell: str) -> str:
    """The value of a cell: the inverse of `written`, and any other text as it is."""
    return cell[1:] if len(cell) > 1 and cell[0] == APOSTROPHE and cell[1] in MARKED else cell


def joined(values: Sequence[str]) -> str:
    """Several values as one: parted by semicolons; all quoted as in CSV where one of them would not stay as it is."""
    if all(value == value.strip() and not SPECIAL.search(value) for value in values):
        return LIST_SEPARATOR.join(values)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=LIST_SEPARATOR, lineterminator="", quoting=csv.QUOTE_ALL).writerow(values)
    return text.getvalue()


def parted(value: str) -> list[str]:
    """The inverse of `joined`, blanks around values left out. Raises ValueError where quotes do not match."""
    if '"' not in value:
        return [part.strip() for part in value.split(LIST_SEPARATOR) if part.strip()]
    text = io.StringIO(value, newline="")
    try:
        rows = list(csv.reader(text, delimiter=LIST_SEPARATOR, strict=True, skipinitialspace=True))
    except csv.Error:
        rows = []
    if len(rows) != 1:
        raise ValueError("The quotes in the list do not match.")
    return [part for part in rows[0] if part]
