"""What messages say, until they are sent."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class MessageContent(Base, Keyed):
    """Recipient, locale and variables of one message, sealed."""

    __tablename__ = "message_contents"
    __table_args__ = (Index("ix_message_contents_expires_at", "expires_at"),)

    type: Mapped[str]
    channel: Mapped[str]
    user_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
