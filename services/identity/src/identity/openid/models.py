"""What the provider keeps beside clients and interactions: codes, consents, and what clients are owed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base

CLIENT = "oauth2_clients.id"


class BrowserSession(Base):
    """The cookie of somebody who is signed in at the provider itself, by its SHA-256."""

    __tablename__ = "browser_sessions"
    __table_args__ = (Index("ix_browser_sessions_session_id", "session_id"),)

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class PushedRequest(Base):
    """An authorization request that came by the back channel (RFC 9126), known by its `request_uri`'s SHA-256."""

    __tablename__ = "oauth2_pushed_requests"
    __table_args__ = (Index("ix_oauth2_pushed_requests_expires_at", "expires_at"),)

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(CLIENT))
    parameters: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Consent(Base):
    """What a person lets a client have, until they take it back. `claims` are names asked for one by one."""

    __tablename__ = "oauth2_consents"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(CLIENT), primary_key=True)
    scopes: Mapped[list[str]]
    claims: Mapped[list[str]] = mapped_column(server_default="{}")
    given_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class AuthorizationCode(Base):
    """A code, by its SHA-256, and what it stands for. `session_id` is what it gave; a replay ends that."""

    __tablename__ = "oauth2_codes"
    __table_args__ = (
        Index("ix_oauth2_codes_expires_at", "expires_at"),
        Index("ix_oauth2_codes_user_id", "user_id"),
    )

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(CLIENT))
    user_id: Mapped[UUID]
    provider_session_id: Mapped[UUID]
    redirect_uri: Mapped[str | None]
    code_challenge: Mapped[str | None]
    nonce: Mapped[str | None]
    scopes: Mapped[list[str]]
    claims: Mapped[dict[str, Any] | None]
    acr: Mapped[str]
    amr: Mapped[list[str]]
    auth_time: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    session_id: Mapped[UUID | None]


class DeviceCode(Base):
    """A device's request (RFC 8628), both codes as marks. States: pending, approved, denied, used."""

    __tablename__ = "oauth2_device_codes"
    __table_args__ = (
        Index("uq_oauth2_device_codes_user_code", "user_code", unique=True),
        Index("ix_oauth2_device_codes_expires_at", "expires_at"),
        Index("ix_oauth2_device_codes_user_id", "user_id"),
    )

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(CLIENT))
    user_code: Mapped[bytes]
    scopes: Mapped[list[str]]
    state: Mapped[str]
    interval: Mapped[int]
    next_poll_at: Mapped[datetime]
    user_id: Mapped[UUID | None]
    provider_session_id: Mapped[UUID | None]
    acr: Mapped[str | None]
    amr: Mapped[list[str] | None]
    auth_time: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class Assertion(Base):
    """The id of an assertion that a client has authenticated with; it counts once (RFC 7523, section 3)."""

    __tablename__ = "oauth2_assertions"
    __table_args__ = (Index("ix_oauth2_assertions_expires_at", "expires_at"),)

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class LogoutNotice(Base):
    """A client is owed the news that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

    __tablename__ = "oauth2_logouts"
    __table_args__ = (
        Index("ix_oauth2_logouts_next_attempt_at", "next_attempt_at", postgresql_where=text("ended_at IS NULL")),
        Index("ix_oauth2_logouts_user_id", "user_id"),
    )

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(CLIENT))
    user_id: Mapped[UUID]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    outcome: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    ended_at: Mapped[datetime | None]
