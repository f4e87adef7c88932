"""Requests to erase a person, how far each service is, and sealed copies. Nothing here says who the person was."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class DeletionRequest(Base, Keyed, Timestamps):
    """`status` is pending, running, done or failed.

    `email_mark` lets the request be found by the person's address, which it does not tell. `archive_key` is the sealed
    key of the copies, where there are any.
    """

    __tablename__ = "deletion_requests"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 the name is SQLAlchemy's
    __table_args__ = (
        Index("ix_deletion_requests_email_mark", "email_mark", "id"),
        Index("ix_deletion_requests_user_id", "user_id"),
        Index("ix_deletion_requests_unfinished", "id", postgresql_where=text("status IN ('pending', 'running')")),
    )

    type: Mapped[str]
    user_id: Mapped[UUID | None]
    individual_ids: Mapped[list[UUID]]
    organization_ids: Mapped[list[UUID]]
    email_mark: Mapped[bytes | None]
    archive: Mapped[bool]
    archive_key: Mapped[bytes | None]
    status: Mapped[str]
    created_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]


class DeletionStep(Base):
    """What one service (`app`) has to do. `state` is pending, running, done or failed."""

    __tablename__ = "deletion_steps"
    __table_args__ = (UniqueConstraint("request_id", "app"),)

    reference_id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("deletion_requests.id", ondelete="CASCADE"))
    app: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    receipt: Mapped[dict[str, Any] | None]


class DeletionCopy(Base):
    """A part of the copy that one service's data was kept in, sealed under the request's own key."""

    __tablename__ = "deletion_copies"

    reference_id: Mapped[UUID] = mapped_column(
        ForeignKey("deletion_steps.reference_id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
