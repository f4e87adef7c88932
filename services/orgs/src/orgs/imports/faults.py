"""What is wrong with a file: the first problems and how many there are."""

from typing import Any

from orgs.sheets.reading import Fault

MOST_SHOWN = 100


class Faults:
    """A bounded list with a total."""

    def __init__(self) -> None:
        self.first: list[Fault] = []
        self.total = 0

    def add(self, line: int, column: str | None, code: str, detail: str) -> None:
        """Note one."""
        self.total += 1
        if len(self.first) < MOST_SHOWN:
            self.first.append(Fault(line, column, code, detail))

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The first ones, by line, as they are kept."""
        return [one._asdict() for one in sorted(self.first, key=lambda one: one.line)]
