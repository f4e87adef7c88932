"""Who was added to a group or removed from it, by whom, when. Rows are only ever added."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class GroupLog(Keyed, Table):
    """One change. `person_id` is an individual's id, or a user's where `subject` is leader or member."""

    __tablename__ = "group_logs"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "group_id", "id"),
        Index(None, "person_id", "id"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    group_id: Mapped[UUID]
    subject: Mapped[str]
    event: Mapped[str]
    person_id: Mapped[UUID]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class GroupLogCount(Table):
    """How many entries an organization's record has up to the mark; the entries after it are counted when asked."""

    __tablename__ = "group_log_counts"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    entries: Mapped[int] = mapped_column(BigInteger)


class GroupLogMark(Table):
    """Up to which id entries are counted. There is one row."""

    __tablename__ = "group_log_mark"
    __table_args__ = (CheckConstraint("single", name="single"),)

    single: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    counted_to: Mapped[UUID]
