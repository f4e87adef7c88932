"""Links by which somebody without a login may do a little for one user."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class AnonymousAccess(Base, Keyed, Timestamps):
    """A link for one user. Who has its id may perform the allowed endpoints, so the id is random and not a time."""

    __tablename__ = "anonymous_accesses"
    __table_args__ = (
        Index("ix_anonymous_accesses_user_id", "user_id"),
        Index("ix_anonymous_accesses_expires_at", "expires_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    organization_id: Mapped[UUID | None]
    allowed_endpoints: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    expires_at: Mapped[datetime]
    created_by: Mapped[UUID]
