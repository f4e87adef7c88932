"""When users signed up, signed in and came back."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class UserActivity(Base, Keyed):
    """A confirmed sign-up (`sreg`), a sign-in (`login`), or a session that goes on (`refr`, at most one a minute)."""

    __tablename__ = "user_activities"
    __table_args__ = (
        Index("ix_user_activities_user_id", "user_id", "at"),
        Index("ix_user_activities_at", "at", "id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    event_type: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
