"""People as identity providers know them, and their ways through a provider."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class ExternalIdentity(Base, Keyed):
    """A user as a provider knows them: by `subject`. `roles` and `group_ids` are what its groups gave last."""

    __tablename__ = "external_identities"
    __table_args__ = (
        Index("uq_external_identities_subject", "provider_id", "subject", unique=True),
        Index("ix_external_identities_user_id", "user_id"),
    )

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("identity_providers.id", ondelete="CASCADE"))
    subject: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    roles: Mapped[list[str]]
    group_ids: Mapped[list[UUID]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    last_used_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class ExternalSignIn(Base, Keyed):
    """One way through a provider. Its id is the `state` of OpenID Connect and the `RelayState` of SAML.

    It is answered once, by the browser that began it (`browser` is a digest; none where the provider began). Then
    `code` (a digest) stands for who came back, and is used once. `verifier` and `upstream_session` are sealed.
    """

    __tablename__ = "external_sign_ins"
    __table_args__ = (
        Index("uq_external_sign_ins_code", "code", unique=True),
        Index("ix_external_sign_ins_expires_at", "expires_at"),
    )

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("identity_providers.id", ondelete="CASCADE"))
    browser: Mapped[bytes | None]
    nonce: Mapped[str | None]
    verifier: Mapped[bytes | None]
    request_id: Mapped[str | None]
    next: Mapped[str | None]
    interaction_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    code: Mapped[bytes | None]
    code_expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("external_identities.id", ondelete="CASCADE"))
    proof: Mapped[dict[str, Any] | None]
    upstream_session: Mapped[bytes | None]


class SeenAssertion(Base):
    """An assertion that was used, by a mark of its id, for as long as it would count."""

    __tablename__ = "seen_assertions"
    __table_args__ = (Index("ix_seen_assertions_expires_at", "expires_at"),)

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("identity_providers.id", ondelete="CASCADE"), primary_key=True)
    mark: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class ExternalSession(Base):
    """A session that began at a SAML provider, which may end it. Marks find it; `details` is sealed."""

    __tablename__ = "external_sessions"
    __table_args__ = (Index("ix_external_sessions_subject", "provider_id", "subject_mark"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("identity_providers.id", ondelete="CASCADE"))
    subject_mark: Mapped[bytes]
    index_mark: Mapped[bytes | None]
    details: Mapped[bytes]
