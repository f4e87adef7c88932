"""Sessions and their refresh tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class Session(Base, Keyed):
    """A sign-in on a device. `expires_at` never moves; `access_seconds` is a lifetime that was asked to stick.

    A session that outlives the end of a user's others (a changed password) counts from that moment: `created_at` moves.
    With an impersonator, somebody of the operator's staff has it in the user's name; with a
    service account, that has. `auth_time`, `acr` and `amr` say
    when and how the person last showed who they are (`sessions.proofs`); somebody else's session has none.
    With a client it is what a person lets an OAuth 2 client have: `scopes`, and the `claims` asked for one by one. It
    ends with the sign-in at the provider that it came from, unless the person allowed more (`offline_access`).
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_user_id", "user_id"),
        Index("ix_sessions_expires_at", "expires_at"),
        Index("ix_sessions_client_id", "client_id", postgresql_where=text("client_id IS NOT NULL")),
        Index(
            "ix_sessions_provider_session_id",
            "provider_session_id",
            postgresql_where=text("provider_session_id IS NOT NULL"),
        ),
        Index(
            "ix_sessions_service_account_id",
            "service_account_id",
            postgresql_where=text("service_account_id IS NOT NULL"),
        ),
        Index("ix_sessions_client_to_tell", "user_id", postgresql_where=text("client_to_tell")),
        Index("ix_sessions_client_left", "id", postgresql_where=text("client_to_tell AND ended_at IS NOT NULL")),
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
    service_account_id: Mapped[UUID | None]
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("oauth2_clients.id"))
    provider_session_id: Mapped[UUID | None]
    scopes: Mapped[list[str] | None]
    claims: Mapped[dict[str, Any] | None]
    client_to_tell: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


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
