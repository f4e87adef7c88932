"""Who did what to whom."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed
from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class AuditEvent(Base, Keyed):
    """One act. `details` names what changed, never a secret and never the old or new personal data."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_user_id", "user_id", "id"),)

    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[str]
    action: Mapped[str]
    user_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any] | None]
