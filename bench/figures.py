"""A measured figure and the limit that it is held against."""

from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One line of the report.

    `limit` is a bound of the same unit: a target, or a ratio to something that was measured in the same run and that
    `against` names.
    """

    name: str
    value: float
    unit: str
    bound: Literal["at most", "at least"]
    limit: float
    against: str = ""

    @property
    def reached(self) -> bool:
        """Whether the figure keeps its bound."""
        return self.value <= self.limit if self.bound == "at most" else self.value >= self.limit


def show(figures: list[Figure], console: Console) -> bool:
    """Print the figures as a table. Gives whether all are reached."""
    table = Table(title="Muster, measured", title_justify="left")
    for name in ("figure", "measured", "limit", "", "measured against"):
        table.add_column(name, justify="right" if name in {"measured", "limit"} else "left")
    for one in figures:
        mark = "[green]reached[/]" if one.reached else "[red]missed[/]"
        limit = f"{one.bound} {one.limit:g} {one.unit}"
        table.add_row(one.name, f"{one.value:.3g} {one.unit}", limit, mark, one.against)
    console.print(table)
    return all(one.reached for one in figures)
