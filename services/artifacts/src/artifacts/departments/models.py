"""Groups of organizations and their people."""

from uuid import UUID

from database import Timestamps
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Group(Base, Timestamps):
    """A group as orgs announced it. A department is an active one whose `node_type` is division."""

    __tablename__ = "groups"
    __table_args__ = (Index("ix_groups_departments", "organization_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    name: Mapped[str]
    node_type: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")


class GroupPerson(Base):
    """A leader or member of a group, whether or not there is a profile yet."""

    __tablename__ = "group_people"
    __table_args__ = (Index("ix_group_people_user_id", "user_id"),)

    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
