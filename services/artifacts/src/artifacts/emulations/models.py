"""Grants to act as another profile."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Emulation(Base, Keyed, Timestamps):
    """In an organization the session's user acts as `target_profile_id`; `depth` 1 is the outermost of at most three.

    `by_profile_id` is whom the session resolved to before: the user's own profile, or the one around this.
    """

    __tablename__ = "emulations"
    __table_args__ = (
        CheckConstraint("depth BETWEEN 1 AND 3", name="depth"),
        Index(
            "uq_emulations_standing",
            "session_id",
            "organization_id",
            "depth",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_emulations_user_id", "user_id"),
        Index("ix_emulations_profiles", "target_profile_id"),
    )

    organization_id: Mapped[UUID]
    user_id: Mapped[UUID]
    session_id: Mapped[UUID]
    depth: Mapped[int] = mapped_column(Integer)
    by_profile_id: Mapped[UUID | None]
    target_profile_id: Mapped[UUID]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
