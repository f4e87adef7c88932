"""Work that was asked for, and what became of it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from database import Keyed
from sqlalchemy import BigInteger, ForeignKey, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class Task(Keyed, Table):
    """A piece of work. `status` is pending, running, done or failed; `done` of `total` pieces are behind it."""

    __tablename__ = "tasks"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[str]
    status: Mapped[Literal["pending", "running", "done", "failed"]] = mapped_column(Text)
    result: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    done: Mapped[int | None] = mapped_column(BigInteger)
    total: Mapped[int | None] = mapped_column(BigInteger)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
