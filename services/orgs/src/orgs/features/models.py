"""Features that can be on or off, and every change of them."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from orgs.features.kinds import Stage
from orgs.tables import Table


class Feature(Timestamps, Table):
    """A flag. What is not `assignable` changes for organizations and users by force only."""

    __tablename__ = "features"

    id: Mapped[str] = mapped_column(primary_key=True)
    description: Mapped[str] = mapped_column(server_default="")
    stage: Mapped[Stage] = mapped_column(Text)
    global_enabled: Mapped[bool] = mapped_column(server_default="false")
    assignable: Mapped[bool] = mapped_column(server_default="false")
    created_by: Mapped[UUID | None]


class FeatureChange(Keyed, Table):
    """One field of a feature, or its state for an organization or a user, from what to what; only ever added to."""

    __tablename__ = "feature_changes"
    __table_args__ = (
        Index(None, "feature_id", "id"),
        Index(None, "user_id", postgresql_where="user_id IS NOT NULL"),
    )

    feature_id: Mapped[str]
    organization_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    field: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    forced: Mapped[bool] = mapped_column(server_default="false")
    changed_by: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
