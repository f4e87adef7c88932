"""The state of a feature for an organization."""

from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from orgs.features.kinds import State
from orgs.tables import Table

STATES = "state IN ('enabled', 'disabled', 'dontcare')"


class OrganizationFeature(Keyed, Timestamps, Table):
    """What an organization has decided of a feature; `dontcare` leaves it to the global setting."""

    __tablename__ = "organization_features"
    __table_args__ = (
        UniqueConstraint("feature_id", "organization_id"),
        Index(None, "organization_id", "id"),
        CheckConstraint(STATES, name="state"),
    )

    feature_id: Mapped[str] = mapped_column(ForeignKey("features.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    state: Mapped[State] = mapped_column(Text)
