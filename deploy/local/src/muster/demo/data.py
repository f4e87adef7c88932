"""The organization of the demo, from the files in `deploy/local/demo`."""

import csv
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "demo"


@dataclass(frozen=True)
class Group:
    """A group of the tree; the root has no parent."""

    name: str
    parent: str
    node_type: str


@dataclass(frozen=True)
class Staff:
    """Somebody who works there."""

    first_name: str
    last_name: str
    mailbox: str
    role: str
    group: str
    position: str


@dataclass(frozen=True)
class Participant:
    """Somebody who is cared for."""

    first_name: str
    last_name: str
    birth_date: str
    group: str


def groups() -> list[Group]:
    """The tree, parents before children."""
    return [Group(**row) for row in _rows("groups.csv")]


def staff() -> list[Staff]:
    """The staff."""
    return [Staff(**row) for row in _rows("staff.csv")]


def participants() -> list[Participant]:
    """The participants."""
    return [Participant(**row) for row in _rows("participants.csv")]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
