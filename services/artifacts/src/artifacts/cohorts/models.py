"""Cohorts and who is in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base

LIVE = text("deleted_at IS NULL")


class Cohort(Base, Keyed, Timestamps):
    """A set of people with a name. One row serves all three dialects.

    `number` is its integer in the projects dialect, unique in the organization. `member_count` follows
    `cohort_members` in the same transactions. `version` counts writes; `calculated_version` and `pending_version`
    count calculations. A calculation is under way while `lease_until` lies in the future.
    """

    __tablename__ = "cohorts"
    __table_args__ = (
        UniqueConstraint("organization_id", "number"),
        Index("ix_cohorts_created", "organization_id", "created_at", "id", postgresql_where=LIVE),
        Index(
            "ix_cohorts_filters", "organization_id", postgresql_where=text("filters IS NOT NULL AND deleted_at IS NULL")
        ),
        Index("ix_cohorts_waiting", "id", postgresql_where=text("pending_version > COALESCE(calculated_version, 0)")),
        Index("ix_cohorts_simulation_ids", "simulation_ids", postgresql_using="gin"),
        Index("ix_cohorts_department_ids", "department_ids", postgresql_using="gin"),
    )

    organization_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(BigInteger)
    name_id: Mapped[UUID | None] = mapped_column(ForeignKey("texts.id"))
    description_id: Mapped[UUID | None] = mapped_column(ForeignKey("texts.id"))
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    department_ids: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    simulation_ids: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    simulation_position_ids: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    simulation_availability_ids: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    profile_persona_ids: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    member_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    generated: Mapped[bool] = mapped_column(default=False, server_default="false")
    mcp: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_by: Mapped[UUID | None]
    updated_by: Mapped[UUID | None]
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    is_static: Mapped[bool] = mapped_column(default=True, server_default="true")
    cohort_type: Mapped[str | None]
    groups: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    filters: Mapped[dict[str, Any] | None]
    query: Mapped[dict[str, Any] | None]
    experiment_set: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default="{}")
    calculated_version: Mapped[int | None] = mapped_column(Integer)
    pending_version: Mapped[int | None] = mapped_column(Integer)
    last_calculation: Mapped[datetime | None]
    errors_calculating: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    last_error_message: Mapped[str | None]
    lease_until: Mapped[datetime | None]

    app_id: Mapped[str | None]
    source: Mapped[str] = mapped_column(default="edm", server_default="edm")
    source_type: Mapped[str] = mapped_column(default="api", server_default="api")
    schema_version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    group_id: Mapped[str | None]
    program_id: Mapped[str | None]
    start_date: Mapped[datetime | None]
    end_date: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    status_at: Mapped[datetime | None]
    session_count: Mapped[int | None] = mapped_column(Integer)
    facilitator_ids: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    assigned_assessment_ids: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    completion_required_pct: Mapped[float | None] = mapped_column(Float)
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict, server_default="{}")
    tags: Mapped[list[str]] = mapped_column(default=list, server_default="{}")


class CohortMember(Base):
    """Somebody's time in a cohort: from `since` until `until`, and how they came into it.

    `profile_id` is a person's id, with a profile or without.
    """

    __tablename__ = "cohort_members"
    __table_args__ = (
        Index(
            "uq_cohort_members_present", "cohort_id", "profile_id", unique=True, postgresql_where=text("until IS NULL")
        ),
        Index("ix_cohort_members_ended", "cohort_id", "until", "id", postgresql_where=text("until IS NOT NULL")),
        Index("ix_cohort_members_profile_id", "profile_id", "cohort_id", postgresql_where=text("until IS NULL")),
        CheckConstraint("source IN ('hand', 'csv', 'filter', 'event')", name="source"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"))
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    source: Mapped[str]
    since: Mapped[datetime] = mapped_column(server_default=text("now()"))
    until: Mapped[datetime | None]


class ProfileCohorts(Base):
    """In how many live cohorts somebody is: what the search's choice of people is read from where nothing is filtered.

    It follows `cohort_members` and `cohorts.deleted_at` in the same statements (cohorts.members).
    """

    __tablename__ = "profile_cohorts"
    __table_args__ = (Index("ix_profile_cohorts_times", "organization_id", text("times DESC"), "profile_id"),)

    profile_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True)
    organization_id: Mapped[UUID]
    times: Mapped[int] = mapped_column(Integer)


class CohortActivity(Base):
    """What somebody did to a cohort: `changes` lists fields with what they were and are, of people their ids only.

    `cohort_id` is None where it was done to all cohorts; `actor` is the subject of the token, None for an event;
    `emulated` are the profiles that they acted as, the innermost last. `name` is what the cohort was called then.
    """

    __tablename__ = "cohort_activities"
    __table_args__ = (
        Index("ix_cohort_activities_cohort", "organization_id", "cohort_id", "id"),
        Index("ix_cohort_activities_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    organization_id: Mapped[UUID]
    cohort_id: Mapped[UUID | None]
    name: Mapped[str | None]
    activity: Mapped[str]
    actor: Mapped[str | None]
    user_id: Mapped[UUID | None]
    emulated: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    mcp: Mapped[bool] = mapped_column(default=False, server_default="false")
    changes: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
