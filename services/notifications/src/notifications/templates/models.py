"""Templates that organizations and themes have, and every version that they ever had."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from notifications.tables import Base


class MessageTemplate(Base, Keyed, Timestamps):
    """A template as it is now. It belongs to an organization or to a theme, which `owner_id` repeats."""

    __tablename__ = "message_templates"
    __table_args__ = (
        UniqueConstraint("owner_id", "channel", "type", "locale", "format", name="uq_message_templates_place"),
        CheckConstraint("num_nonnulls(organization_id, theme_id) = 1", name="owner"),
        CheckConstraint("channel IN ('email', 'sms')", name="channel"),
        Index("ix_message_templates_list", "channel", "created_at", "id"),
    )

    owner_id: Mapped[UUID]
    organization_id: Mapped[UUID | None]
    theme_id: Mapped[UUID | None]
    channel: Mapped[str]
    type: Mapped[str]
    locale: Mapped[str]
    format: Mapped[str]
    version: Mapped[int]
    subject: Mapped[str]
    support_email: Mapped[str | None]
    support_email_title: Mapped[str | None]
    template: Mapped[str]


class TemplateVersion(Base):
    """A template as it was written once. The database refuses to change it."""

    __tablename__ = "template_versions"

    template_id: Mapped[UUID] = mapped_column(ForeignKey("message_templates.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    locale: Mapped[str]
    format: Mapped[str]
    subject: Mapped[str]
    support_email: Mapped[str | None]
    support_email_title: Mapped[str | None]
    template: Mapped[str]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    @property
    def name(self) -> str:
        """The version's id on the wire."""
        return f"{self.template_id}:{self.version}"
