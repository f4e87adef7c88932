"""Requests to act as a user."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class ImpersonationRequest(Base, Keyed):
    """Somebody of the operator's staff asks to act as a user.

    `expires_at` is until when it waits for a decision, then until when it may be used; from the first use on, until
    when every session of it ends. It is in state `expired` after that, whatever `state` says.
    """

    __tablename__ = "impersonation_requests"
    __table_args__ = (
        Index("ix_impersonation_requests_user_id", "user_id", "id"),
        Index("ix_impersonation_requests_created_by", "created_by", "id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_by: Mapped[UUID]
    reason: Mapped[str]
    state: Mapped[str]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
