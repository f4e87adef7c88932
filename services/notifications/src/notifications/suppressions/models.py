"""The suppression list, and the reports of providers that were taken in."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from notifications.tables import Base


class Suppression(Base, Keyed, Timestamps):
    """An address that is not sent to. `organization_id` is whose message bounced or was complained about."""

    __tablename__ = "suppressions"
    __table_args__ = (
        UniqueConstraint("channel", "address", name="uq_suppressions_address"),
        CheckConstraint("reason IN ('bounce', 'complaint', 'manual')", name="reason"),
        Index("ix_suppressions_organization", "organization_id", "created_at", "id"),
    )

    channel: Mapped[str]
    address: Mapped[str]
    reason: Mapped[str]
    organization_id: Mapped[UUID | None]
    delivery_id: Mapped[UUID | None]


class ProviderReport(Base):
    """The id of a signed report, so that nobody can send it again."""

    __tablename__ = "provider_reports"

    id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
