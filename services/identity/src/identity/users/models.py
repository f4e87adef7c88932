"""Logins, and what other contexts told about them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import Index, func, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, validates

from identity.tables import Base
from identity.usernames import comparable


def _key_of(name: str) -> Any:
    """The default of a name's key, for statements that give the name alone."""

    def key(context: DefaultExecutionContext) -> str:
        return comparable(context.get_current_parameters().get(name) or "")

    return key


class User(Base, Keyed, Timestamps):
    """A login. What ends in `_key` is what is compared and sorted by; the others are as typed.

    Sessions that began before `sessions_ended_at` have ended; access tokens from before `tokens_outdated_at` have to
    be refreshed. `state_before` is the state that enabling brings back.
    """

    __tablename__ = "users"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 the name is SQLAlchemy's
    __table_args__ = (
        Index("uq_users_username_key", "username_key", unique=True),
        Index("uq_users_email_key_verified", "email_key", unique=True, postgresql_where=text("email_verified")),
        Index("ix_users_email_key", "email_key"),
        Index("ix_users_phone", "phone"),
        Index("ix_users_updated_at", "updated_at"),
        Index("ix_users_primary_individual_id", "primary_individual_id"),
    )

    username: Mapped[str]
    username_key: Mapped[str]
    email: Mapped[str | None]
    email_key: Mapped[str | None]
    email_verified: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    phone: Mapped[str | None]
    phone_verified: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    password_hash: Mapped[str | None]
    state: Mapped[str]
    state_before: Mapped[str | None]
    account_type: Mapped[str]
    classification: Mapped[str] = mapped_column(default="customer", server_default="customer")
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    preferred_name: Mapped[str | None]
    first_name_key: Mapped[str] = mapped_column(default=_key_of("first_name"), server_default="")
    last_name_key: Mapped[str] = mapped_column(default=_key_of("last_name"), server_default="")
    preferred_name_key: Mapped[str] = mapped_column(default=_key_of("preferred_name"), server_default="")
    birth_date: Mapped[date | None]
    gender: Mapped[str | None]
    locale: Mapped[str | None]
    tz: Mapped[str | None]
    communication_preferences: Mapped[dict[str, Any] | None]
    enrollment_data: Mapped[dict[str, Any] | None]
    primary_individual_id: Mapped[UUID | None]
    default_organization_id: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    password_changed_at: Mapped[datetime | None]
    sessions_ended_at: Mapped[datetime | None]
    tokens_outdated_at: Mapped[datetime | None]

    @validates("first_name", "last_name", "preferred_name")
    def _follow(self, name: str, value: str | None) -> str | None:
        """A name's key follows it."""
        setattr(self, f"{name}_key", comparable(value or ""))
        return value


class UserOrganization(Base):
    """A user belongs to an organization; fed by orgs, and by the confirmation of a sign-up with a code."""

    __tablename__ = "user_organizations"
    __table_args__ = (Index("ix_user_organizations_organization_id", "organization_id", "user_id"),)

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_type: Mapped[str]
    role: Mapped[str | None]
    individual_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class UserRole(Base, Keyed):
    """A user has a role, in an organization or in the system; fed by authz."""

    __tablename__ = "user_roles"
    __table_args__ = (
        Index(
            "uq_user_roles",
            "user_id",
            "organization_id",
            "name",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    user_id: Mapped[UUID]
    organization_id: Mapped[UUID | None]
    name: Mapped[str]
    role_id: Mapped[UUID | None]


class AdditionalIndividual(Base):
    """Somebody whom a user takes care of: an individual that the user owns; fed by orgs, which has the names."""

    __tablename__ = "additional_individuals"
    __table_args__ = (Index("ix_additional_individuals_user_id", "user_id"),)

    individual_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
