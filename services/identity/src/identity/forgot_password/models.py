"""Requests for a new password."""

from datetime import datetime

from database import Keyed
from messaging.tracing import current_traceparent
from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class PasswordRequest(Base, Keyed):
    """Somebody forgot the password of a username. A worker looks whether there is such a user."""

    __tablename__ = "password_requests"
    __table_args__ = (Index("ix_password_requests_waiting", "id", postgresql_where=text("taken_up_at IS NULL")),)

    username_key: Mapped[str]
    channel: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    traceparent: Mapped[str | None] = mapped_column(default=current_traceparent)
    taken_up_at: Mapped[datetime | None]
