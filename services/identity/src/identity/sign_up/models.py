"""Sign-ups that wait for their code."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from messaging.tracing import current_traceparent
from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class SignUpRequest(Base, Keyed):
    """What a person typed when they signed up. It waits for a worker, then for the code that was sent.

    `user_id` is set when it was taken up for a login; it stays empty where the username was in use. It names a code of
    an organization, or the invitation whose code was given.
    """

    __tablename__ = "sign_up_requests"
    __table_args__ = (
        Index("ix_sign_up_requests_waiting", "id", postgresql_where=text("taken_up_at IS NULL")),
        Index("ix_sign_up_requests_user_id", "user_id"),
    )

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    username_key: Mapped[str]
    email_key: Mapped[str | None]
    channel: Mapped[str]
    details: Mapped[bytes]
    organization_code: Mapped[str | None]
    organization_id: Mapped[UUID | None]
    onboarding_request_id: Mapped[UUID | None]
    registration_invitation_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    traceparent: Mapped[str | None] = mapped_column(default=current_traceparent)
    taken_up_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
