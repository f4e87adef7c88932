"""Who belongs to an organization."""

from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class Membership(Keyed, Timestamps, Table):
    """A login in an organization: staff with the names of its roles there, or a participant without any."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("user_id", "organization_id"),
        Index(None, "organization_id", "id"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[UUID]
    account_type: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(server_default="{}")
    individual_id: Mapped[UUID | None]
