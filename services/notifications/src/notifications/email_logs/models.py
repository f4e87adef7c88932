"""The log of mails."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from notifications.tables import Base


class EmailLog(Base):
    """One thing that happened to one mail: taken by the server, bounced, complained about."""

    __tablename__ = "email_logs"
    __table_args__ = (
        Index("ix_email_logs_timestamp", text("timestamp DESC"), text("id DESC")),
        Index("ix_email_logs_organization", "organization_id", text("timestamp DESC"), text("id DESC")),
        Index("ix_email_logs_destination", text("lower(destination)"), text("timestamp DESC"), text("id DESC")),
        Index("ix_email_logs_ses_id", "ses_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    delivery_id: Mapped[UUID]
    organization_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    ses_id: Mapped[str]
    notification_type: Mapped[str]
    bounce_type: Mapped[str | None]
    bounce_subtype: Mapped[str | None]
    source: Mapped[str]
    destination: Mapped[str]
    subject: Mapped[str]
    timestamp: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    event_received: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    ses_raw: Mapped[dict[str, Any]]
