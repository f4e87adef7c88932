"""Files of people and groups that were made to be fetched."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class Export(Keyed, Table):
    """An export; its id is that of the task that says how far it is.

    `files` says how many rows each file in the object store has; they are removed when the export expires.
    """

    __tablename__ = "exports"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index("ix_exports_unfinished", "id", postgresql_where="phase IN ('waiting', 'running')"),
        Index("ix_exports_expires_at", "expires_at", postgresql_where="phase = 'done'"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[Literal["individuals", "individual-groups"]] = mapped_column(Text)
    phase: Mapped[Literal["waiting", "running", "done", "failed", "removed"]] = mapped_column(
        Text, server_default="waiting"
    )
    attempts: Mapped[int] = mapped_column(server_default="0")
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    expires_at: Mapped[datetime | None]
