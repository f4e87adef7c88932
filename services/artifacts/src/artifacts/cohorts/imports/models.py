"""Files of persons on their way into cohorts."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class CohortImport(Base, Keyed, Timestamps):
    """Ids of persons that are to come into a cohort. They lie in the object store under `key`, one JSON text a line.

    `kind` says what they are. The first `done` of `id_count` are written. Whoever works on it holds `lease_id` until
    `lease_until`; `retry_at` is when it is tried again. The row goes when its end is reached.
    """

    __tablename__ = "cohort_imports"
    __table_args__ = (
        Index("ix_cohort_imports_cohort_id", "cohort_id"),
        Index("ix_cohort_imports_waiting", text("COALESCE(lease_until, retry_at, created_at)")),
        CheckConstraint("kind IN ('person_id', 'distinct_id', 'email')", name="kind"),
    )

    organization_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id", ondelete="CASCADE"))
    kind: Mapped[str]
    key: Mapped[str]
    id_count: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    lease_id: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
