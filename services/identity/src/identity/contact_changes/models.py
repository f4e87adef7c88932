"""Addresses and phone numbers that wait to be confirmed."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base

Kind = Literal["email", "phone"]


class ContactChange(Base, Keyed):
    """An e-mail address or phone number that becomes the user's when the code that was sent to it comes back."""

    __tablename__ = "contact_changes"
    __table_args__ = (
        Index("ix_contact_changes_user_id", "user_id"),
        Index("ix_contact_changes_created_at", "created_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[Kind] = mapped_column(Text())
    value: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
