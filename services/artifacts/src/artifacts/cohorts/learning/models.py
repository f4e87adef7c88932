"""What learners have completed."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Completion(Base, Keyed, Timestamps):
    """That a learner has completed a session, an assessment or a share of the whole programme of a cohort.

    Exactly one row for each of these and learner. `pct` is 100 for a session or an assessment. `profile_id` is the
    learner's id as a person, `recorded_by` the user who said so.
    """

    __tablename__ = "cohort_completions"
    __table_args__ = (
        UniqueConstraint(
            "cohort_id",
            "profile_id",
            "session",
            "assessment_id",
            name="uq_cohort_completions_item",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_cohort_completions_page", "cohort_id", "created_at", "id"),
        Index("ix_cohort_completions_profile_id", "profile_id"),
        CheckConstraint("session IS NULL OR assessment_id IS NULL", name="item"),
    )

    organization_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"))
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    session: Mapped[int | None] = mapped_column(Integer)
    assessment_id: Mapped[str | None]
    pct: Mapped[float] = mapped_column(Float)
    completed_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]
