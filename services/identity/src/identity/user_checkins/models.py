"""What apps report of the devices that they run on."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class UserCheckin(Base, Keyed):
    """One report of an app."""

    __tablename__ = "user_checkins"
    __table_args__ = (
        Index("ix_user_checkins_user_id", "user_id", "source", "id"),
        Index("ix_user_checkins_created_at", "created_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    source: Mapped[str]
    app_version: Mapped[str | None]
    model: Mapped[str | None]
    os_version: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
