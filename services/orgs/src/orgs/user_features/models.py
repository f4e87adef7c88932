"""The state of a feature for a user."""

from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from orgs.features.kinds import State
from orgs.organization_features.models import STATES
from orgs.tables import Table


class UserFeature(Keyed, Timestamps, Table):
    """A feature's state for a user: in one organization, or everywhere where none is named."""

    __tablename__ = "user_features"
    __table_args__ = (
        UniqueConstraint("user_id", "feature_id", "organization_id", postgresql_nulls_not_distinct=True),
        Index(None, "feature_id", "id"),
        Index(None, "organization_id", "id"),
        CheckConstraint(STATES, name="state"),
    )

    feature_id: Mapped[str] = mapped_column(ForeignKey("features.id"))
    user_id: Mapped[UUID]
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    state: Mapped[State] = mapped_column(Text)
