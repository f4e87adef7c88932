"""Identity providers of organizations, and the domains that are theirs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class IdentityProvider(Base, Keyed, Timestamps):
    """Where an organization's people sign in elsewhere, by OpenID Connect or SAML 2.0.

    `issuer` is whom tokens and assertions have to come from. `endpoints` is what the provider said of itself when it
    was last asked (`configured_at`): `oidc.Endpoints` or `saml.Endpoints`. `client_secret` and `signing_key` are
    sealed; `certificate` belongs to the latter. `attribute_names` and `group_rules` are Structs of `mapping`.
    """

    __tablename__ = "identity_providers"
    __table_args__ = (
        Index("ix_identity_providers_organization_id", "organization_id"),
        Index("uq_identity_providers_fhir_url", "fhir_url", unique=True),
    )

    organization_id: Mapped[UUID]
    name: Mapped[str]
    protocol: Mapped[str]
    enabled: Mapped[bool]
    just_in_time: Mapped[bool]
    trusts_second_factor: Mapped[bool]
    allows_unsolicited: Mapped[bool]
    issuer: Mapped[str]
    metadata_url: Mapped[str | None]
    fhir_url: Mapped[str | None]
    endpoints: Mapped[dict[str, Any]]
    configured_at: Mapped[datetime]
    client_id: Mapped[str | None]
    client_secret: Mapped[bytes | None]
    client_authentication: Mapped[str]
    scopes: Mapped[list[str]]
    attribute_names: Mapped[dict[str, Any]]
    group_rules: Mapped[list[Any]] = mapped_column(JSONB)
    redirect_addresses: Mapped[list[str]]
    signing_key: Mapped[bytes | None]
    certificate: Mapped[str | None]


class Domain(Base):
    """A domain whose people sign in through a provider, once a TXT record with `token` has shown that it is theirs."""

    __tablename__ = "identity_provider_domains"
    __table_args__ = (
        Index(
            "uq_identity_provider_domains_verified",
            "domain",
            unique=True,
            postgresql_where=text("verified_at IS NOT NULL"),
        ),
    )

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("identity_providers.id", ondelete="CASCADE"), primary_key=True)
    domain: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str]
    verified_at: Mapped[datetime | None]
