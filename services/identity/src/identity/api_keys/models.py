"""API keys."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class ApiKey(Base, Keyed):
    """A key of an organization. It acts as `user_id`, a person or a service account, within its scopes."""

    __tablename__ = "api_keys"
    __table_args__ = (
        Index("ix_api_keys_organization_id", "organization_id", "id"),
        Index("ix_api_keys_user_id", "user_id", "id"),
    )

    organization_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    scopes: Mapped[list[str]]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class ApiKeySecret(Base):
    """One secret of a key, known by its SHA-256; `start` is what people recognise it by.

    Rotating a key adds one and lets the one before it expire.
    """

    __tablename__ = "api_key_secrets"
    __table_args__ = (Index("ix_api_key_secrets_api_key_id", "api_key_id"),)

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    api_key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"))
    start: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime | None]
