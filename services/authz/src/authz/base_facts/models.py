"""Base facts as the streams tell them, and how far each stream has been applied.

Only the applier writes here, a batch and its position in one transaction. Ids have no foreign keys: a fact may name
what has not been heard of yet.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Base as AnyBase
from sqlalchemy import BigInteger, CheckConstraint, Index, MetaData, PrimaryKeyConstraint, func
from sqlalchemy.orm import Mapped, mapped_column


class Base(AnyBase):
    """The tables of authz."""

    __abstract__ = True
    metadata = MetaData(naming_convention=AnyBase.metadata.naming_convention)


class AppliedPosition(Base):
    """The last sequence of a context's stream whose facts are here."""

    __tablename__ = "applied_positions"
    context: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    applied_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AggregateVersion(Base):
    """Up to which version nothing of an aggregate is missing, and the events that came before a missing one."""

    __tablename__ = "applied_aggregates"
    kind: Mapped[str] = mapped_column()
    id: Mapped[UUID] = mapped_column()
    version: Mapped[int] = mapped_column(BigInteger)
    early: Mapped[dict[str, Any] | None] = mapped_column()
    __table_args__ = (PrimaryKeyConstraint("id", "kind"),)


class User(Base):
    """A login. One that is not `known` was only named by other facts."""

    __tablename__ = "users"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    known: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    event_at: Mapped[datetime | None] = mapped_column()


class Organization(Base):
    """A tenant."""

    __tablename__ = "organizations"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    known: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(default="")
    display_name: Mapped[str] = mapped_column(default="")
    event_at: Mapped[datetime | None] = mapped_column()


class OrganizationStaff(Base):
    """A user is staff of an organization."""

    __tablename__ = "organization_staff"
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)


class Individual(Base):
    """A person whom an organization cares for. Without `owner_id` the organization owns it."""

    __tablename__ = "individuals"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID | None] = mapped_column()
    organization_id: Mapped[UUID | None] = mapped_column()
    user_id: Mapped[UUID | None] = mapped_column()


class Group(Base):
    """A group. One that is gone stays as a tombstone."""

    __tablename__ = "groups"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID | None] = mapped_column()
    parent_id: Mapped[UUID | None] = mapped_column()
    gone: Mapped[bool] = mapped_column(default=False)


class GroupPerson(Base):
    """A person is in a group: an individual by individual id, a leader or member by user id."""

    __tablename__ = "group_people"
    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    __table_args__ = (
        CheckConstraint("kind IN ('individual', 'leader', 'member')", name="kind"),
        Index(None, "person_id", "kind"),
    )


class QuarantinedEvent(Base):
    """An event that could not be applied: what it says is not among the facts."""

    __tablename__ = "quarantined_events"
    context: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type: Mapped[str] = mapped_column()
    problem: Mapped[str] = mapped_column()
    quarantined_at: Mapped[datetime] = mapped_column(server_default=func.now())
