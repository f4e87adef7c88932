"""Writing CSV files as imports read them: each has at most as many rows as an import takes."""

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import text

from orgs.sheets.cells import joined, written
from orgs.sheets.columns import COLUMNS, SheetKind

TYPE = "text/csv; charset=utf-8"
ROWS_A_PIECE = 500
MARK = "\ufeff"

PEOPLE = text("""
SELECT i.id AS key, first_name, last_name, preferred_name, birth_date, email, phone, tz, ARRAY(
    SELECT h.group_id FROM group_individuals h JOIN individual_groups g ON g.id = h.group_id AND g.type = 'regular'
    WHERE h.individual_id = i.id ORDER BY h.group_id) AS groups
FROM individuals i WHERE i.organization_id = :id ORDER BY i.id
""")
GROUPS = text("""
SELECT id AS key, name, parent_id AS parent_key, node_type, type, tags, is_active FROM individual_groups
WHERE organization_id = :id AND type IN ('regular', 'provider_only') ORDER BY cardinality(path), id
""")
STATEMENTS: dict[SheetKind, Any] = {"individuals": PEOPLE, "individual-groups": GROUPS}


def key_of(organization_id: UUID, export_id: UUID, number: int) -> str:
    """Where a file stands in the object store."""
    return f"exports/{organization_id}/{export_id}-{number}.csv"


def name_of(kind: SheetKind, number: int) -> str:
    """What a file is called when it is saved."""
    return f"{kind}-{number}.csv"


class Part:
    """One file: as many rows as it may have, taken from all rows. `rows` counts them; `more` says if some are left."""

    def __init__(self, kind: SheetKind, rows: AsyncIterator[Any], first: Any, most: int) -> None:
        self.columns = [column.attribute for column in COLUMNS[kind]]
        self.header = [column.name for column in COLUMNS[kind]]
        self.source = rows
        self.following = first
        self.most = most
        self.rows = 0

    @property
    def more(self) -> Any:
        """The row after the last one of this file, or None."""
        return self.following

    async def pieces(self) -> AsyncGenerator[bytes]:
        """The file in pieces. It begins with a byte order mark: without it Excel takes UTF-8 for something else."""
        target = io.StringIO(newline="")
        writer = csv.writer(target, lineterminator="\r\n")
        target.write(MARK)
        writer.writerow(self.header)
        while self.following is not None and self.rows < self.most:
            writer.writerow([_cell(getattr(self.following, name)) for name in self.columns])
            self.rows += 1
            self.following = await anext(self.source, None)
            if self.rows % ROWS_A_PIECE == 0:
                yield _taken(target)
        yield _taken(target)


def _taken(target: io.StringIO) -> bytes:
    content = target.getvalue().encode()
    target.seek(0)
    target.truncate()
    return content


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return written(joined([str(one) for one in value]) if isinstance(value, list) else str(value))
