"""Second factors: one-time passwords by time (RFC 6238) and the recovery codes beside them."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import BigInteger, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class TotpConfiguration(Base, Keyed):
    """An authenticator of a user. The secret is sealed.

    `last_step` is the 30-second step of the last code that counted: none of it or of an earlier step counts again.
    `enabled_at` stays when it is disabled; the secret is shown only until it is set.
    """

    __tablename__ = "totp_configurations"
    __table_args__ = (
        Index("ix_totp_configurations_user_id", "user_id"),
        Index("uq_totp_configurations_enabled", "user_id", unique=True, postgresql_where=text("enabled")),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    secret: Mapped[bytes]
    enabled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    enabled_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)


class RecoveryCode(Base):
    """A code that stands in for the authenticator once, known by its mark."""

    __tablename__ = "totp_recovery_codes"

    configuration_id: Mapped[UUID] = mapped_column(
        ForeignKey("totp_configurations.id", ondelete="CASCADE"), primary_key=True
    )
    mark: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]
