"""What calculations keep: which cohort mentions what, what changed, what runs next, what ran."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class CohortMention(Base):
    """A dynamic cohort's filters mention a property, an event or another cohort (`name` is then its id).

    The kind `any` (named `*`) stands for every dynamic cohort: a person who is new may be in each of them.
    """

    __tablename__ = "cohort_mentions"
    __table_args__ = (
        Index("ix_cohort_mentions_cohort_id", "cohort_id"),
        CheckConstraint("kind IN ('property', 'event', 'cohort', 'any')", name="kind"),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"), primary_key=True)


class CohortChange(Base):
    """Something of a person changed that some cohort mentions. `cohort_id` is given where one cohort alone is meant."""

    __tablename__ = "cohort_changes"
    __table_args__ = (Index("ix_cohort_changes_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    organization_id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    name: Mapped[str]
    cohort_id: Mapped[UUID | None]


class CohortSchedule(Base):
    """What the engine knows of a dynamic cohort beside its row.

    Until `checked_at` everything that moves with the clock has been looked at; at `due_at` the next of it happens.
    `retry_at` is when the calculation of `failed_version` is tried again. `lease_id` is the worker that calculates
    now; the cohort's `lease_until` says until when. Whoever changes who is in the cohort holds this row.
    """

    __tablename__ = "cohort_schedules"
    __table_args__ = (Index("ix_cohort_schedules_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),)

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"), primary_key=True)
    organization_id: Mapped[UUID]
    retry_at: Mapped[datetime | None]
    failed_version: Mapped[int | None] = mapped_column(Integer)
    lease_id: Mapped[UUID | None]
    checked_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]


class CohortCalculation(Base, Keyed):
    """One whole calculation of a cohort: the projects dialect's history.

    `version` is what was asked for when it began; `read_rows` and `written_rows` count persons. `error` is for people.
    """

    __tablename__ = "cohort_calculations"
    __table_args__ = (
        Index("ix_cohort_calculations_cohort", "cohort_id", text("started_at DESC"), text("id DESC")),
        Index("ix_cohort_calculations_started_at", "started_at"),
    )

    organization_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(Integer)
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    count: Mapped[int | None] = mapped_column(Integer)
    entered: Mapped[int | None] = mapped_column(Integer)
    ended: Mapped[int | None] = mapped_column(Integer)
    query_ms: Mapped[int | None] = mapped_column(Integer)
    main_query: Mapped[str | None]
    error: Mapped[str | None]


class PersonDate(Base):
    """A person's property as a moment, for those properties that some cohort holds against the clock."""

    __tablename__ = "person_dates"
    __table_args__ = (Index("ix_person_dates_moment", "organization_id", "key", "moment", "person_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    moment: Mapped[datetime]


class MemberAnnouncement(Base):
    """Entries or exits of a whole calculation that are still to be announced, batch by batch.

    Entries are the members' rows from `first_id` to `last_id`; exits those that end at `moment`. `done` is the last
    member row that was announced. Few of them stand in `person_ids` themselves.
    """

    __tablename__ = "member_announcements"
    __table_args__ = (
        Index("ix_member_announcements_cohort_id", "cohort_id", "id"),
        CheckConstraint("kind IN ('entered', 'left')", name="kind"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    organization_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"))
    kind: Mapped[str]
    source: Mapped[str]
    moment: Mapped[datetime]
    first_id: Mapped[int | None] = mapped_column(BigInteger)
    last_id: Mapped[int | None] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    person_ids: Mapped[list[UUID] | None]
