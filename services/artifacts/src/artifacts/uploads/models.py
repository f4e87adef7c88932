"""Uploads: files in the object store, for a day."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Upload(Base, Keyed, Timestamps):
    """A file of an organization. Its bytes stand in the object store under `key` until `expires_at`.

    `scope` is what an API key needs to download it.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_expires_at", "expires_at"), Index("ix_uploads_organization", "organization_id"))

    organization_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    file_name: Mapped[str]
    content_type: Mapped[str]
    key: Mapped[str]
    scope: Mapped[str] = mapped_column(default="cohort:read", server_default="cohort:read")
    row_count: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime]
