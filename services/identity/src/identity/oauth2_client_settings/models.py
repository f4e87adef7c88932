"""OAuth 2 and OpenID Connect clients of organizations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from identity.tables import Base


class OAuth2Client(Base, Keyed, Timestamps):
    """An application that asks an organization's people to sign in, or that speaks for itself.

    Secrets are kept as SHA-256; the previous one counts until `previous_secret_until`, and is kept after that to tell
    its bearer so. A deleted client stays as a row, so that what its sessions still owe it can be delivered.
    """

    __tablename__ = "oauth2_clients"
    __table_args__ = (
        Index("uq_oauth2_clients_client_id", "client_id", unique=True),
        Index("ix_oauth2_clients_organization_id", "organization_id", "id"),
    )

    client_id: Mapped[str]
    organization_id: Mapped[UUID]
    name: Mapped[str]
    application_type: Mapped[str]
    auth_method: Mapped[str]
    grant_types: Mapped[list[str]]
    redirect_uris: Mapped[list[str]]
    post_logout_redirect_uris: Mapped[list[str]]
    backchannel_logout_uri: Mapped[str | None]
    scopes: Mapped[list[str]]
    asks_consent: Mapped[bool]
    pushed_only: Mapped[bool]
    jwks: Mapped[dict[str, Any] | None]
    jwks_uri: Mapped[str | None]
    secret_hash: Mapped[bytes | None]
    secret_set_at: Mapped[datetime | None]
    previous_secret_hash: Mapped[bytes | None]
    previous_secret_until: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
