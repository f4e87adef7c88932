"""Tenants."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import ForeignKey, Identity, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class Organization(Keyed, Timestamps, Table):
    """A tenant. `number` names it in the projects dialect, `logo_id` the pictures of its logo in the object store."""

    __tablename__ = "organizations"
    __table_args__ = (Index(None, "theme_id", postgresql_where="theme_id IS NOT NULL"),)

    number: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    name: Mapped[str]
    display_name: Mapped[str]
    authorization_type: Mapped[str]
    classification: Mapped[str]
    provider_type: Mapped[str]
    timezone: Mapped[str]
    theme_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization_themes.id"))
    is_active: Mapped[bool] = mapped_column(server_default="true")
    logo_id: Mapped[UUID | None]
    created_by: Mapped[UUID | None]


class LogoUpload(Keyed, Table):
    """A picture that somebody may be uploading as a logo; the newest of an organization is the one to be processed."""

    __tablename__ = "logo_uploads"
    __table_args__ = (Index(None, "organization_id", "id"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
