"""Passkeys (Web Authentication, level 3), and the challenges that are open."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import BigInteger, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class Passkey(Base, Keyed):
    """A public key whose private half is in a person's authenticator.

    `sign_count` is the authenticator's own count of its signatures; 0 where it keeps none. Once it went back there may
    be a copy of the key: from `suspended_at` on it counts no more. `synced` says that the key may be on several devices
    of the person (its backup flag), `aaguid` names the authenticator's model.
    """

    __tablename__ = "passkeys"
    __table_args__ = (
        Index("ix_passkeys_user_id", "user_id"),
        Index("uq_passkeys_credential_id", "credential_id", unique=True),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    transports: Mapped[list[str]]
    aaguid: Mapped[UUID]
    synced: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    last_used_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """A challenge that nobody has answered, by its SHA-256. Only one for registering belongs to somebody."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (Index("ix_passkey_challenges_expires_at", "expires_at"),)

    mark: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
