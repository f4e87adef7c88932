"""Messages within applications."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from notifications.tables import Base


class InAppMessage(Base, Keyed, Timestamps):
    """One message to one person. `number` grows in the order in which a person's messages are committed."""

    __tablename__ = "in_app_messages"
    __table_args__ = (
        Index("ix_in_app_messages_user", "user_id", "number"),
        Index("ix_in_app_messages_unread", "user_id", postgresql_where=text("read_at IS NULL")),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    reference: Mapped[UUID] = mapped_column(unique=True)
    user_id: Mapped[UUID]
    organization_id: Mapped[UUID | None]
    type: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    read_at: Mapped[datetime | None]
