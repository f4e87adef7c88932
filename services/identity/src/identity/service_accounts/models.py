"""Service accounts."""

from datetime import datetime
from uuid import UUID

from database import Timestamps
from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class ServiceAccount(Base, Timestamps):
    """A machine that belongs to an organization: a login of its own that nobody can sign in with by a password.

    Its id is the login's, so it has roles and memberships as a person has. `acts_for_users` lets it ask for tokens to
    act for users of the organization.
    """

    __tablename__ = "service_accounts"
    __table_args__ = (
        Index("ix_service_accounts_organization_id", "organization_id", "id"),
        Index(
            "uq_service_accounts_name",
            "organization_id",
            "name_key",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    organization_id: Mapped[UUID]
    name: Mapped[str]
    name_key: Mapped[str]
    description: Mapped[str | None]
    acts_for_users: Mapped[bool]
    created_by: Mapped[UUID | None]
    deleted_at: Mapped[datetime | None]
