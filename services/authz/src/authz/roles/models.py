"""Roles and who has them. These tables are the source; the index hears of them by their events."""

from uuid import UUID

from database import Timestamps
from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from authz.base_facts.models import Base


class Role(Timestamps, Base):
    """A role of an organization, or (without one) of the system."""

    __tablename__ = "roles"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column()
    display_name: Mapped[str] = mapped_column()
    organization_id: Mapped[UUID | None] = mapped_column(index=True)
    __table_args__ = (UniqueConstraint("organization_id", "name", postgresql_nulls_not_distinct=True),)


class RoleUser(Timestamps, Base):
    """A user has a role; `number` is its id in the API."""

    __tablename__ = "role_users"
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("roles.id"))
    user_id: Mapped[UUID] = mapped_column()
    __table_args__ = (UniqueConstraint("role_id", "user_id"), Index(None, "user_id"))
