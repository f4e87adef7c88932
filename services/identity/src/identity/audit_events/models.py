"""Who did what to whom."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed
from sqlalchemy import BigInteger, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class AuditEvent(Base, Keyed):
    """One act. `details` names what changed, never a secret and never the old or new personal data.

    Rows are only added: the database refuses any other write but `forget`'s. It also gives each row of an organization
    the next `number` when the transaction commits, so a number that is missing is a row that somebody took away; rows
    of no organization have a line of their own. `actor` is the subject of the credential that was used, a service, or
    `platform`; `impersonator_id` is who bore it in that person's name. `target` is a thing as `type:id`.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_user_id", "user_id", "id"),
        Index("ix_audit_events_at", "at", "id"),
        Index("ix_audit_events_organization_id", "organization_id", "at", "id"),
        Index("ix_audit_events_actor", "actor", "at"),
        Index("ix_audit_events_target", "target"),
    )

    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    number: Mapped[int | None] = mapped_column(BigInteger)
    actor: Mapped[str]
    impersonator_id: Mapped[UUID | None]
    action: Mapped[str]
    user_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    target: Mapped[str | None]
    details: Mapped[dict[str, Any] | None]


class AuditCounter(Base):
    """The last number of an organization's line; the nil id's is the line of what belongs to no organization."""

    __tablename__ = "audit_counters"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
