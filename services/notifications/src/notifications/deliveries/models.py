"""Deliveries and the development provider's texts."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, ForeignKey, Index, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from notifications.tables import Base


class Delivery(Base, Keyed, Timestamps):
    """One message on its way to one person. It holds no address, no name and no code: identity has them.

    A worker that claims a row writes `lease_id` and `lease_until`; whoever settles it must still hold that lease.
    `slot_at` is the place that a limit gave it. `test` rows show a version of a template to who asked for it; identity
    keeps no content for them.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'sent', 'bounced', 'failed')", name="status"),
        Index("ix_deliveries_due", "bulk", "next_attempt_at", "id", postgresql_where=text("status = 'pending'")),
        Index("ix_deliveries_user_id", "user_id"),
    )

    message_id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str]
    channel: Mapped[str]
    user_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    expires_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_id: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    reason: Mapped[str | None]
    bounce_type: Mapped[str | None]
    bounce_subtype: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    traceparent: Mapped[str | None]
    template_id: Mapped[UUID | None]
    template_version: Mapped[int | None]
    report: Mapped[str | None]
    report_rank: Mapped[int] = mapped_column(default=-1, server_default="-1")
    test: Mapped[bool] = mapped_column(default=False, server_default=false())
    bulk: Mapped[bool] = mapped_column(default=False, server_default=false())
    slot_at: Mapped[datetime | None]


class DeliveryBudget(Base):
    """How far ahead an organization, a provider or a recipient is used up. Unlogged: a crash forgives.

    The key is made of whose it is, and tells nobody.
    """

    __tablename__ = "delivery_budgets"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    key: Mapped[UUID] = mapped_column(primary_key=True)
    full_at: Mapped[datetime]


class RecordedText(Base, Keyed, Timestamps):
    """A short message that the development provider would have sent."""

    __tablename__ = "recorded_texts"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), unique=True)
    phone: Mapped[str]
    text: Mapped[str]
