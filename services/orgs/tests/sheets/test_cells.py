"""Cells hold what was written, and no formula."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st
from orgs.sheets.cells import joined, parted, read, written

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
TRICKY = st.text(st.sampled_from("=+-@'\t\r\n\";, aé\uff1d"), max_size=8)


@settings(max_examples=300, deadline=None)
@given(value=TEXT | TRICKY)
def test_a_cell_reads_back_and_is_no_formula(value: str) -> None:
    cell = written(value)
    assert read(cell) == value
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    target = io.StringIO(newline="")
    csv.writer(target).writerow([cell, "x"])
    assert next(csv.reader(io.StringIO(target.getvalue(), newline=""), strict=True)) == [cell, "x"]


@settings(max_examples=300, deadline=None)
@given(values=st.lists((TEXT | TRICKY).filter(bool), max_size=5))
def test_a_list_in_a_cell_reads_back(values: list[str]) -> None:
    assert parted(read(written(joined(values)))) == [value for value in values if value.strip() or _quoted(values)]


def _quoted(values: list[str]) -> bool:
    return '"' in joined(values)


def test_what_people_type_stays() -> None:
    assert [read(cell) for cell in ("+1555", "=1+1", "-", "'quoted'", "''", "'")] == [
        "+1555",
        "=1+1",
        "-",
        "'quoted'",
        "'",
        "'",
    ]
    assert parted("a; b;;c ") == ["a", "b", "c"]
    assert parted('"a;b"; c') == ["a;b", "c"]
