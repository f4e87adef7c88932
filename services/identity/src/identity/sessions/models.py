"""Sessions and their refresh tokens."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class Session(Base, Keyed):
    """A sign-in on a device. `expires_at` never moves; `access_seconds` is a lifetime that was asked to stick.

    A session that outlives the end of a user's others (a changed password) counts from that moment: `created_at` moves.
    With an impersonator, somebody of the operator's staff has it in the user's name. `auth_time`, `acr` and `amr` say
    when and how the person last showed who they are (`sessions.proofs`); somebody else's session has none.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_user_id", "user_id"),
        Index("ix_sessions_expires_at", "expires_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    organization_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    access_seconds: Mapped[int | None]
    interactive: Mapped[bool] = mapped_column(default=True)
    device: Mapped[str | None]
    auth_time: Mapped[datetime | None]
    acr: Mapped[str | None]
    amr: Mapped[list[str] | None]
    impersonation_request_id: Mapped[UUID | None]
    impersonator_id: Mapped[UUID | None]
    impersonator_session_id: Mapped[UUID | None]


class RefreshToken(Base):
    """One refresh token of a session's family, known by its SHA-256.

    Its successor is derived from the token itself, `salt` and the master key, so a replay within the allowed window
    gets the same successor again and the family never forks.
    """

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("ix_refresh_tokens_session_id", "session_id"),
        Index("ix_refresh_tokens_previous", "previous", postgresql_where=text("previous IS NOT NULL")),
        Index("ix_refresh_tokens_first_used_at", "first_used_at", postgresql_where=text("first_used_at IS NOT NULL")),
    )

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    previous: Mapped[bytes | None]
    salt: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    first_used_at: Mapped[datetime | None]
    uses: Mapped[int] = mapped_column(default=0, server_default="0")
