"""Product events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class ProductEvent(Base):
    """Something that a person did. The client's id makes capturing it again change nothing.

    `person_id` follows merges of persons; of an event that asks for no person, it is the id that a person with the
    distinct id would have. `timestamp` is when it happened, by the client's clock set right.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_event", "organization_id", "event", "timestamp", "person_id"),
        Index("ix_events_person_id", "person_id", "event", "timestamp"),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    event: Mapped[str]
    person_id: Mapped[UUID]
    distinct_id: Mapped[str]
    timestamp: Mapped[datetime]
    properties: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    received_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
