"""Invitations into an organization, and the messages that carried them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed
from sqlalchemy import ARRAY, ForeignKey, Index, Text, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base

OPEN = ("created", "invited", "registering", "failed")
"""The states in which an invitation can still be taken up."""


class OnboardingRequest(Base, Keyed):
    """An organization invites somebody. `user_id` is the login that was made for them at once (`auto_sign_up`).

    The code is kept sealed, because it is sent again, and marked, because it is looked for.
    """

    __tablename__ = "onboarding_requests"
    __table_args__ = (
        Index("ix_onboarding_requests_organization_id", "organization_id", "id"),
        Index("ix_onboarding_requests_email_key", "email_key"),
        Index("ix_onboarding_requests_phone", "phone"),
        Index("ix_onboarding_requests_user_id", "user_id"),
        Index("ix_onboarding_requests_claimed_by", "claimed_by"),
        Index("uq_onboarding_requests_mark", "mark", unique=True),
        Index(
            "uq_onboarding_requests_patient_id",
            "patient_id",
            unique=True,
            postgresql_where=text("status IN ('created', 'invited', 'registering', 'failed')"),
        ),
    )

    organization_id: Mapped[UUID]
    created_by: Mapped[UUID | None]
    onboard_type: Mapped[str]
    status: Mapped[str]
    mark: Mapped[bytes]
    sealed: Mapped[bytes]
    email: Mapped[str | None]
    email_key: Mapped[str | None]
    phone: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    patient_id: Mapped[UUID | None]
    group_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    provider_roles: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    notifications: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    communication_preferences: Mapped[dict[str, Any] | None]
    auto_confirm: Mapped[bool]
    auto_sign_up: Mapped[bool]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    claimed_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    registering_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class OnboardingInvite(Base, Keyed):
    """One message of an invitation and what became of it; `message_id` is what notifications tells of."""

    __tablename__ = "onboarding_invites"
    __table_args__ = (
        Index("ix_onboarding_invites_request_id", "request_id", "id"),
        Index("uq_onboarding_invites_message_id", "message_id", unique=True),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("onboarding_requests.id", ondelete="CASCADE"))
    message_id: Mapped[UUID]
    type: Mapped[str]
    address: Mapped[str]
    status: Mapped[str] = mapped_column(default="created", server_default="created")
    error: Mapped[str | None]
    bounce_type: Mapped[str | None]
    bounce_subtype: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    responded_at: Mapped[datetime | None]
