"""What an organization's directory has told of people and groups (SCIM 2.0, RFC 7643)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class ScimUser(Base):
    """An organization's directory knows a user.

    `attributes` is what it told of them, but for what the login itself holds. A `managed` login was made by this
    directory, which may change by what it signs in. Without a word on `active` it is. What was deleted is not shown.
    """

    __tablename__ = "scim_users"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 the name is SQLAlchemy's
    __table_args__ = (
        Index("ix_scim_users_user_id", "user_id"),
        Index("ix_scim_users_external_id", "organization_id", "external_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    external_id: Mapped[str | None]
    attributes: Mapped[dict[str, Any]]
    active: Mapped[bool | None] = mapped_column(server_default=text("true"))
    managed: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), onupdate=func.clock_timestamp())
    deleted_at: Mapped[datetime | None]


class ScimGroup(Base, Keyed):
    """A group of an organization's directory. Its members have the organization's role of the name `role`."""

    __tablename__ = "scim_groups"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 the name is SQLAlchemy's
    __table_args__ = (Index("uq_scim_groups_role", "organization_id", "role", unique=True),)

    organization_id: Mapped[UUID]
    display_name: Mapped[str]
    role: Mapped[str]
    external_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), onupdate=func.clock_timestamp())


class ScimGroupMember(Base):
    """A user belongs to a group of the directory."""

    __tablename__ = "scim_group_members"
    __table_args__ = (Index("ix_scim_group_members_user_id", "user_id"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("scim_groups.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class ScimRequest(Base, Keyed):
    """A request of a directory as it was answered: for an administrator who looks for what goes wrong.

    `path` is without its query, which may name people.
    """

    __tablename__ = "scim_requests"
    __table_args__ = (
        Index("ix_scim_requests_organization_id", "organization_id", "id"),
        Index("ix_scim_requests_requested_at", "requested_at"),
    )

    organization_id: Mapped[UUID]
    requested_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[str]
    method: Mapped[str]
    path: Mapped[str]
    status: Mapped[int]
    scim_type: Mapped[str | None]
    problem: Mapped[str | None]
    milliseconds: Mapped[int]
