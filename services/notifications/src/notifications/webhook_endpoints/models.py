"""Endpoints, what is sent to them, and each try."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from notifications.tables import Base


class WebhookEndpoint(Base, Keyed, Timestamps):
    """An address that an organization wants told. Without `event_types` it is told of all that may leave.

    `secret` is sealed; `old_secret` signs beside it until `old_secret_until`. `failures` counts tries that failed since
    the last that did not, which began at `failing_since`; nothing is sent before `hold_until`.
    One with `deleted_at` is gone for everybody; upkeep removes its log, which may be long, and then the row.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'paused')", name="status"),
        CheckConstraint("(status = 'paused') = (paused_reason IS NOT NULL)", name="paused"),
        CheckConstraint("paused_reason IN ('asked', 'failing', 'gone')", name="paused_reason"),
        Index("ix_webhook_endpoints_organization", "organization_id", "id"),
        Index("ix_webhook_endpoints_notice", "paused_at", postgresql_where=text("notice_due")),
        Index("ix_webhook_endpoints_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )

    organization_id: Mapped[UUID]
    url: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    event_types: Mapped[list[str]]
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    paused_reason: Mapped[str | None]
    paused_at: Mapped[datetime | None]
    notice_due: Mapped[bool] = mapped_column(default=False, server_default=false())
    secret: Mapped[bytes]
    old_secret: Mapped[bytes | None]
    old_secret_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    failing_since: Mapped[datetime | None]
    hold_until: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class WebhookDelivery(Base, Keyed, Timestamps):
    """One event for one endpoint, once however often the event comes. `payload` is the body that is sent.

    A worker that claims a row writes `lease_id` and moves `next_attempt_at` to the end of its lease; whoever settles
    the row must still hold that lease. `attempts` counts all tries, `tries` those since it was recorded or replayed.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status"),
        UniqueConstraint("endpoint_id", "event_id", name="uq_webhook_deliveries_event"),
        Index(
            "ix_webhook_deliveries_due",
            "endpoint_id",
            "next_attempt_at",
            postgresql_where=text("status = 'pending' AND NOT test"),
        ),
        Index("ix_webhook_deliveries_tests", "next_attempt_at", postgresql_where=text("status = 'pending' AND test")),
        Index("ix_webhook_deliveries_leased", "endpoint_id", postgresql_where=text("lease_id IS NOT NULL")),
        Index("ix_webhook_deliveries_list", "endpoint_id", "created_at", "id"),
        Index("ix_webhook_deliveries_created_at", "created_at"),
    )

    organization_id: Mapped[UUID]
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[UUID]
    event_type: Mapped[str]
    payload: Mapped[str]
    test: Mapped[bool] = mapped_column(default=False, server_default=false())
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime | None]
    lease_id: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    reason: Mapped[str | None]


class WebhookPlace(Base):
    """How far a context's stream was read for webhooks: everything up to `sequence` is written down, or for nobody."""

    __tablename__ = "webhook_places"

    context: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)


class WebhookAttempt(Base):
    """One try at one delivery: what came back, or why nothing did, and the first bytes of the answer."""

    __tablename__ = "webhook_attempts"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    attempted_at: Mapped[datetime]
    duration_ms: Mapped[int]
    status: Mapped[int | None]
    reason: Mapped[str | None]
    answer: Mapped[str]
