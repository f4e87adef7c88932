"""Short addresses."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from notifications.tables import Base


class UrlShortener(Base, Keyed, Timestamps):
    """A code that leads to `https://{netloc}{full_path}` until it expires."""

    __tablename__ = "url_shorteners"
    __table_args__ = (Index("ix_url_shorteners_organization", "organization_id", "id"),)

    code: Mapped[str] = mapped_column(unique=True)
    organization_id: Mapped[UUID]
    netloc: Mapped[str]
    full_path: Mapped[str]
    expires_at: Mapped[datetime]
    redirect_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
