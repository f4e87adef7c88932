"""Persons, and the ids that applications know them by."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Person(Base, Keyed, Timestamps):
    """Somebody in an organization's product.

    A profile's person has the profile's id, and the platform writes what the profile says into `properties`
    (persons.properties); others are known from captured events only. `removed_at` stands where the profile was
    removed: such a person is in no cohort, and the row stays for what refers to it. `last_seen_at` is when an event
    of theirs last came, to the hour.
    """

    __tablename__ = "persons"
    __table_args__ = (
        Index("ix_persons_created", "organization_id", text("created_at DESC"), text("id DESC")),
        Index("ix_persons_email", "organization_id", text("lower(properties ->> 'email'::text)")),
    )

    organization_id: Mapped[UUID]
    properties: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    is_identified: Mapped[bool] = mapped_column(default=False, server_default="false")
    last_seen_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class PersonDistinctId(Base):
    """An id that applications use for a person. Those that follow from the profile leave with it (`is_given`)."""

    __tablename__ = "person_distinct_ids"
    __table_args__ = (Index("ix_person_distinct_ids_person_id", "person_id"),)

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    distinct_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    is_given: Mapped[bool] = mapped_column(default=False, server_default="false")
