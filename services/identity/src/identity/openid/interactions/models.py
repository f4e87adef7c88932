"""Pending requests of clients that people sign in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class Interaction(Base, Keyed):
    """One request of a client, from its arrival to the answer, in the one browser that began it (`browser` is a mark).

    `request` is an `openid.interactions.requests.Request`. `proven_user_id` has shown `proven_amr` and owes a second
    factor; `user_id` is signed in, by `session_id`, with what `acr`, `amr` and `auth_time` say. `device_code` is the
    code of the device that waits for the answer, where one does.
    """

    __tablename__ = "oauth2_interactions"
    __table_args__ = (
        Index("ix_oauth2_interactions_expires_at", "expires_at"),
        Index("ix_oauth2_interactions_user_id", "user_id"),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth2_clients.id"))
    organization_id: Mapped[UUID]
    request: Mapped[dict[str, Any]]
    browser: Mapped[bytes]
    device_code: Mapped[bytes | None]
    user_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    acr: Mapped[str | None]
    amr: Mapped[list[str] | None]
    auth_time: Mapped[datetime | None]
    proven_user_id: Mapped[UUID | None]
    proven_amr: Mapped[list[str] | None]
    consented_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
