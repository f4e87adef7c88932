"""Codes that prove an address."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class Code(Base, Keyed):
    """A code for one purpose; `subject_id` is what it confirms. Only a mark of the code is kept."""

    __tablename__ = "codes"
    __table_args__ = (
        Index("ix_codes_holder", "purpose", "username_key"),
        Index("ix_codes_expires_at", "expires_at"),
    )

    purpose: Mapped[str]
    username_key: Mapped[str]
    subject_id: Mapped[UUID]
    channel: Mapped[str]
    mark: Mapped[bytes]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
