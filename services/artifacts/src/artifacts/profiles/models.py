"""Profiles and the roles that they come with."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import BigInteger, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Profile(Base, Keyed, Timestamps):
    """A user as an organization's applications see them.

    `role` is the higher of what the belonging gives and of what was assigned here (`assigned_role`). `is_active` says
    whether the login may be used; `removed_at` ends the belonging, and the row stays for what refers to it.
    """

    __tablename__ = "profiles"
    __table_args__ = (
        UniqueConstraint("organization_id", "user_id"),
        UniqueConstraint("organization_id", "number"),
        Index("ix_profiles_name", "organization_id", "name", "id", postgresql_where=text("removed_at IS NULL")),
        Index("ix_profiles_user_id", "user_id"),
        Index("ix_profiles_department_ids", "department_ids", postgresql_using="gin"),
    )

    organization_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[UUID | None]
    individual_id: Mapped[UUID | None]
    account_type: Mapped[str]
    role: Mapped[str]
    assigned_role: Mapped[str | None]
    first_name: Mapped[str] = mapped_column(default="", server_default="")
    last_name: Mapped[str] = mapped_column(default="", server_default="")
    name: Mapped[str] = mapped_column(default="", server_default="")
    primary_email: Mapped[str | None]
    emails: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    department_ids: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    primary_department_id: Mapped[UUID | None]
    requests_per_day: Mapped[int | None] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    generated: Mapped[bool] = mapped_column(default=False, server_default="false")
    mcp: Mapped[bool] = mapped_column(default=False, server_default="false")
    removed_at: Mapped[datetime | None]


class UserRole(Base):
    """A role of a user in an organization, and which service said so: a belonging (orgs) or a grant (authz)."""

    __tablename__ = "user_roles"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
