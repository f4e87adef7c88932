"""Requests to archive an individual, and what was answered on the way."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class ArchiveRequest(Base, Keyed, Timestamps):
    """`state` is archive-requested, archive-confirmed, archive-canceled or archived.

    `user_id` is the individual's own login, `organization_id` the organization that owns the individual.
    """

    __tablename__ = "archive_requests"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 the name is SQLAlchemy's
    __table_args__ = (
        Index("ix_archive_requests_individual_id", "individual_id", "id"),
        Index(
            "uq_archive_requests_open",
            "individual_id",
            unique=True,
            postgresql_where=text("state IN ('archive-requested', 'archive-confirmed')"),
        ),
    )

    individual_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    interview_id: Mapped[UUID]
    email: Mapped[str | None]
    state: Mapped[str]
    created_by: Mapped[UUID | None]


class ArchiveAnswer(Base):
    """One answer of an interview."""

    __tablename__ = "archive_answers"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("archive_requests.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[UUID] = mapped_column(primary_key=True)
    value: Mapped[str]
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
