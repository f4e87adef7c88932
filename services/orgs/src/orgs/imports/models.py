"""Files of people and groups that were sent to be imported."""

from typing import Any, Literal
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class Import(Keyed, Table):
    """An import; its id is that of the task that says how far it is.

    `applied` counts the rows that are written, in the order of application; it and their effect commit together.
    `errors` holds the first problems, `error_count` says how many there are. `attempts` counts starts without progress.
    """

    __tablename__ = "imports"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index("ix_imports_unfinished", "id", postgresql_where="phase IN ('waiting', 'checking', 'applying')"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[Literal["individuals", "individual-groups"]] = mapped_column(Text)
    phase: Mapped[Literal["waiting", "checking", "applying", "done", "failed"]] = mapped_column(
        Text, server_default="waiting"
    )
    file_name: Mapped[str | None]
    dry_run: Mapped[bool] = mapped_column(server_default="false")
    rows: Mapped[int]
    applied: Mapped[int] = mapped_column(server_default="0")
    created: Mapped[int] = mapped_column(server_default="0")
    changed: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")
    error_count: Mapped[int] = mapped_column(server_default="0")
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")


class ImportPiece(Table):
    """A piece of the file; removed when the import has ended, because it holds people's data."""

    __tablename__ = "import_pieces"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]
