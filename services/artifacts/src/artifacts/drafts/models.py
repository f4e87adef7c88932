"""Drafts of forms, of whatever kind."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Draft(Base, Keyed, Timestamps):
    """A form that its owner has begun. `form` is what `version` says; earlier ones stand in `draft_versions`.

    `owner` is the subject of the owner's token: a user's id or an API key. A draft that became a record is inactive.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        Index("ix_drafts_owner", "organization_id", "owner", "kind", "created_at"),
        Index("ix_drafts_user_id", "user_id"),
        Index("ix_drafts_updated_at", "updated_at"),
    )

    organization_id: Mapped[UUID]
    kind: Mapped[str]
    owner: Mapped[str]
    user_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    form: Mapped[dict[str, Any]]
    generated: Mapped[bool] = mapped_column(default=False, server_default="false")
    mcp: Mapped[bool] = mapped_column(default=False, server_default="false")
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")


class DraftVersion(Base):
    """A draft as it was after one of its changes."""

    __tablename__ = "draft_versions"

    draft_id: Mapped[UUID] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    form: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
