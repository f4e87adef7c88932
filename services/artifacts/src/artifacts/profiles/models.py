"""Profiles, the roles that they come with, what was done to them, and how many requests they made."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import BigInteger, Identity, Index, Integer, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Profile(Base, Keyed, Timestamps):
    """A user as an organization's applications see them.

    `role` is the higher of what the belonging gives and of what was assigned here (`assigned_role`). `is_active` says
    whether the login may be used, `is_in_use` whether the profile may be used here; `removed_at` ends the belonging,
    and the row stays for what refers to it. What was `given_…` here adds to what identity and orgs say; a given name
    stands in the place of theirs. A profile without `user_id` is of somebody who has no login. `timezone` is the
    person's own (IANA), if they chose one.
    """

    __tablename__ = "profiles"
    __table_args__ = (
        UniqueConstraint("organization_id", "user_id"),
        UniqueConstraint("organization_id", "number"),
        Index("ix_profiles_name", "organization_id", "name", "id", postgresql_where=text("removed_at IS NULL")),
        Index("ix_profiles_user_id", "user_id"),
        Index("ix_profiles_department_ids", "department_ids", postgresql_using="gin"),
        Index("ix_profiles_given_department_ids", "given_department_ids", postgresql_using="gin"),
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
    given_name: Mapped[str | None]
    given_emails: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    given_department_ids: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    is_in_use: Mapped[bool] = mapped_column(default=True, server_default="true")
    timezone: Mapped[str | None]
    username: Mapped[str | None]


Index(
    "ix_profiles_without_login",
    Profile.organization_id,
    func.lower(Profile.primary_email),
    postgresql_where=text("user_id IS NULL AND removed_at IS NULL"),
)
SEARCH_KEYS = func.search_keys(Profile.organization_id, Profile.name, Profile.primary_email)
"""Hashes of the three-letter pieces of a name and address, apart for each organization (migration 0008).

Whoever holds a text has all keys of the text, so the index finds a few rows to look into; pg_trgm would do the same and
is not everywhere. The hash is PostgreSQL's own: after an upgrade that changes it the index is built anew.
"""
Index("ix_profiles_search_keys", SEARCH_KEYS, postgresql_using="gin", postgresql_where=text("removed_at IS NULL"))


class UserRole(Base):
    """A role of a user in an organization, and which service said so: a belonging (orgs) or a grant (authz)."""

    __tablename__ = "user_roles"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)


class ProfileActivity(Base):
    """What was done to a profile: by whom (`actor` is the token's subject), acting as which others, through what."""

    __tablename__ = "profile_activities"
    __table_args__ = (
        Index("ix_profile_activities_profile", "organization_id", "profile_id", "id"),
        Index("ix_profile_activities_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    organization_id: Mapped[UUID]
    profile_id: Mapped[UUID | None]
    activity: Mapped[str]
    actor: Mapped[str | None]
    user_id: Mapped[UUID | None]
    emulated: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    mcp: Mapped[bool] = mapped_column(default=False, server_default="false")
    changes: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class ProfileRequests(Base):
    """How many requests a profile made on a day of its time zone."""

    __tablename__ = "profile_requests"

    profile_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    times: Mapped[int] = mapped_column(Integer)
