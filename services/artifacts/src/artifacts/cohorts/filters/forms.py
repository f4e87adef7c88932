"""Expressions that differ in their values only: written once, with the values as the rows of a table.

What PostgreSQL plans and prepares grows with the number of forms, and not with the number of expressions.
"""

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

from artifacts.cohorts.filters.values import Several, Values


class Columns(Values):
    """Writes a value's place as a column; lists stay parameters."""

    def __init__(self, alias: str, values: Values) -> None:
        """`alias` is the table's name, `values` where lists go."""
        super().__init__()
        self.kinds: list[str] = []
        self._alias = alias
        self._values = values

    def add(self, value: Any, kind: str) -> str:
        """A value's column: `leaf.c3`."""
        if kind.endswith("[]"):
            return self._values.add(value, kind)
        key = (kind, value)
        if key not in self._places:
            self._places[key] = f"{self._alias}.c{len(self.parameters)}"
            self.parameters.append(value)
            self.kinds.append(kind)
        return self._places[key]


Form = tuple[str, tuple[str, ...]]
"""An expression, and the types of its columns."""


class Forms:
    """Expressions by form, each with the rows of its values."""

    def __init__(self, alias: str, values: Values) -> None:
        """`values` are those of the statement that the expressions become a part of."""
        self._alias = alias
        self._values = values
        self._rows: dict[Form, dict[tuple[Any, ...], int]] = {}

    def add(self, write: Callable[[Values], str]) -> tuple[Form, int]:
        """Take an expression up: its form and its place in it, from 1; the same one has the same place."""
        columns = Columns(self._alias, self._values)
        form = (write(columns), tuple(columns.kinds))
        rows = self._rows.setdefault(form, {})
        return form, rows.setdefault(tuple(columns.parameters), len(rows) + 1)

    def before(self) -> dict[Form, int]:
        """How many expressions have an earlier form."""
        return dict(zip(self._rows, accumulate(map(len, self._rows.values()), initial=0), strict=False))

    def parts(self) -> Iterator[dict[str, str]]:
        """Of each form the expression as `sql`, the `table` that holds its values and the table's `columns`."""
        for (sql, kinds), rows in self._rows.items():
            columns = zip(kinds, zip(*rows, strict=True), strict=True)
            arrays = [self._values.add(Several(column), f"{kind}[]") for kind, column in columns]
            names = [f"c{place}" for place in range(len(kinds))]
            yield {"sql": sql, "table": f"unnest({', '.join(arrays)})", "columns": ", ".join(names)}
