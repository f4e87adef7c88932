"""Invitations of one person by another."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class RegistrationInvitation(Base, Keyed):
    """A person invites another to register."""

    __tablename__ = "registration_invitations"
    __table_args__ = (
        Index("ix_registration_invitations_created_by", "created_by", "id"),
        Index("ix_registration_invitations_email_key", "email_key"),
        Index("uq_registration_invitations_mark", "mark", unique=True),
    )

    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str]
    email_key: Mapped[str]
    mark: Mapped[bytes]
    claimed_by: Mapped[UUID | None]
    claimed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
