"""Grants. This table is the source; the index hears of them by their events."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from authz.base_facts.models import Base
from authz.index.grants import SubjectKind


class AccessGrant(Keyed, Timestamps, Base):
    """A user, the users of a role, the staff of a group or its participants may do one thing to one resource."""

    __tablename__ = "access_grants"
    organization_id: Mapped[UUID | None] = mapped_column()
    subject_type: Mapped[SubjectKind] = mapped_column(Text)
    subject_id: Mapped[UUID] = mapped_column()
    resource_type: Mapped[str] = mapped_column()
    resource_id: Mapped[str] = mapped_column()
    operation: Mapped[str] = mapped_column()
    expires_at: Mapped[datetime | None] = mapped_column()
    condition: Mapped[str | None] = mapped_column()
    created_by: Mapped[UUID | None] = mapped_column()
    __table_args__ = (
        CheckConstraint("subject_type IN ('user', 'role', 'group', 'participants')", name="subject_type"),
        Index(None, "organization_id", "id"),
        Index(None, "subject_id", "subject_type"),
        Index(None, "resource_id", "resource_type"),
        Index(None, "expires_at", postgresql_where="expires_at IS NOT NULL"),
    )
