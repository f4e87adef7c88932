"""The forest of groups of an organization, and who is in them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table

DEPTH = 16
"""How many levels a tree may have."""

KEPT = ("all_participants", "unassigned")
"""The types of the groups that the platform keeps by itself."""

StaffKind = Literal["leader", "member"]


class Group(Keyed, Timestamps, Table):
    """A group. `parent_id` is the truth; `path` holds its ancestors, the root first, and serves subtree reads.

    `child_count` counts the active groups directly below, `individuals_count` the individuals in the group itself.

    What changes with every member (`individuals_count`, `updated_at`) is in no index but a BRIN one, so that such a
    change writes no index.
    """

    __tablename__ = "individual_groups"
    __table_args__ = (
        CheckConstraint(f"cardinality(path) < {DEPTH}", name="depth"),
        CheckConstraint("parent_id IS NOT DISTINCT FROM path[cardinality(path)]", name="parent"),
        Index(
            "ix_individual_groups_pages",
            "organization_id",
            "id",
            postgresql_include=["type", "node_type", "is_active", "child_count"],
        ),
        Index(
            "ix_individual_groups_divisions", "organization_id", "id", postgresql_where="node_type = 'division'::text"
        ),
        Index(
            "ix_individual_groups_leaves",
            "organization_id",
            "id",
            postgresql_include=["type", "node_type", "is_active"],
            postgresql_where="child_count = 0",
        ),
        Index(None, "organization_id", "name"),
        Index(None, "parent_id", "id"),
        Index("ix_individual_groups_path", "path", postgresql_using="gin"),
        Index("ix_individual_groups_tags", "tags", postgresql_using="gin"),
        Index(
            "ix_individual_groups_updated_at",
            "updated_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 8},
        ),
        Index(
            "uq_individual_groups_kept",
            "organization_id",
            "type",
            unique=True,
            postgresql_where="type IN ('all_participants', 'unassigned')",
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("individual_groups.id"))
    path: Mapped[list[UUID]] = mapped_column(server_default="{}")
    name: Mapped[str]
    node_type: Mapped[str]
    type: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(server_default="{}")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    child_count: Mapped[int] = mapped_column(server_default="0")
    individuals_count: Mapped[int] = mapped_column(server_default="0")
    created_by: Mapped[UUID | None]


class GroupCount(Table):
    """How many groups of each sort an organization has: kept by triggers, so that lists need not count.

    `changes` grows with each group that comes to a sort or leaves it.
    """

    __tablename__ = "group_counts"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True)
    node_type: Mapped[str] = mapped_column(primary_key=True)
    is_active: Mapped[bool] = mapped_column(primary_key=True)
    is_leaf: Mapped[bool] = mapped_column(primary_key=True)
    groups: Mapped[int]
    changes: Mapped[int] = mapped_column(BigInteger)


class GroupText(Table):
    """The three-letter pieces of a group's name and tags, kept by triggers: they serve searches for a part of them."""

    __tablename__ = "group_texts"
    __table_args__ = (Index("ix_group_texts_grams", "grams", postgresql_using="gin"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("individual_groups.id", ondelete="CASCADE"), primary_key=True)
    organization_id: Mapped[UUID]
    grams: Mapped[list[str]]


class GroupIndividual(Table):
    """An individual in a group."""

    __tablename__ = "group_individuals"

    group_id: Mapped[UUID] = mapped_column(ForeignKey("individual_groups.id", ondelete="CASCADE"), primary_key=True)
    individual_id: Mapped[UUID] = mapped_column(ForeignKey("individuals.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class GroupStaff(Table):
    """Staff who lead a group or are members of it."""

    __tablename__ = "group_staff"
    __table_args__ = (Index(None, "user_id", "kind"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("individual_groups.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
