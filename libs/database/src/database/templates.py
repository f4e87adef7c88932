"""Statements that are asked all the time: written with SQLAlchemy, compiled once a shape, sent over plain asyncpg."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.asyncpg import dialect

DIALECT: Any = dialect()
MOST = 1000


class Template:
    """A statement as text, and the names of its values in their order."""

    def __init__(self, statement: Executable) -> None:
        """Values that nobody gives are those that the statement was written with."""
        compiled: Any = statement.compile(dialect=DIALECT)  # pyright: ignore[reportAttributeAccessIssue]
        self.sql = str(compiled.string)
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self.own: dict[str, Any] = compiled.params

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The values in the statement's order."""
        return [given[name] if name in given else self.own[name] for name in self.names]


class Templates:
    """Compiled statements by whatever their shape follows from."""

    def __init__(self) -> None:
        """None is compiled yet."""
        self._known: dict[Hashable, Template] = {}

    def get(self, shape: Hashable, write: Callable[[], Executable]) -> Template:
        """The statement of a shape; `write` is asked for it once. Forgets all where there are too many shapes."""
        found = self._known.get(shape)
        if found is None:
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._known[shape] = Template(write())
        return found
