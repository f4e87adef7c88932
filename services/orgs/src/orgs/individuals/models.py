"""People whom an organization, or another person, cares for."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class Individual(Keyed, Timestamps, Table):
    """An individual. `organization_id` is the owner where an organization owns it; `user_id` is its own login."""

    __tablename__ = "individuals"
    __table_args__ = (
        CheckConstraint("(owner_type = 'organization') = (organization_id IS NOT NULL)", name="owner"),
        Index(None, "organization_id", "id"),
        Index(None, "user_id", postgresql_where="user_id IS NOT NULL"),
        Index(None, "owner_id", postgresql_where="owner_type = 'user'"),
    )

    owner_type: Mapped[Literal["organization", "user"]] = mapped_column(Text)
    owner_id: Mapped[UUID]
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    owned_since: Mapped[datetime] = mapped_column(server_default=func.now())
    user_id: Mapped[UUID | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    preferred_name: Mapped[str | None]
    birth_date: Mapped[date | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    tz: Mapped[str | None]
    email_verified: Mapped[bool] = mapped_column(server_default="false")
    phone_verified: Mapped[bool] = mapped_column(server_default="false")
    registered: Mapped[bool] = mapped_column(server_default="false")
    registration_invite: Mapped[str] = mapped_column(server_default="none")
    communication_preferences: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    created_by: Mapped[UUID | None]
    archived_at: Mapped[datetime | None]


class FormerOwner(Keyed, Table):
    """Who owned an individual before, from when until when."""

    __tablename__ = "individual_owners"
    __table_args__ = (Index(None, "individual_id", "id"), Index(None, "owner_id"))

    individual_id: Mapped[UUID] = mapped_column(ForeignKey("individuals.id", ondelete="CASCADE"))
    owner_type: Mapped[Literal["organization", "user"]] = mapped_column(Text)
    owner_id: Mapped[UUID]
    since: Mapped[datetime]
    until: Mapped[datetime]
    changed_by: Mapped[UUID | None]
