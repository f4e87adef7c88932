"""Providers as documents show them."""

from collections.abc import Sequence

from chassis.runtime import Runtime
from jsonapi import document
from sqlalchemy.ext.asyncio import AsyncSession

from identity.identity_providers import addresses, mapping, queries
from identity.identity_providers.models import Domain, IdentityProvider
from identity.identity_providers.schemas import (
    KIND,
    DomainAttributes,
    IdentityProviderAttributes,
    ProviderDocument,
    ServiceProvider,
)

RECORD = "_muster-challenge"
VALUE = "muster-domain-verification"


def attributes(runtime: Runtime, row: IdentityProvider, domains: Sequence[Domain]) -> IdentityProviderAttributes:
    """A provider's attributes."""
    public = runtime.common.public_url
    return IdentityProviderAttributes(
        organization_id=row.organization_id,
        name=row.name,
        protocol=row.protocol,  # pyright: ignore[reportArgumentType]
        enabled=row.enabled,
        just_in_time=row.just_in_time,
        trust_second_factor=row.trusts_second_factor,
        allow_unsolicited=row.allows_unsolicited,
        issuer=row.issuer,
        metadata_url=row.metadata_url,
        fhir_url=row.fhir_url,
        client_id=row.client_id,
        client_secret_set=row.client_secret is not None,
        client_authentication=row.client_authentication,  # pyright: ignore[reportArgumentType]
        scopes=row.scopes,
        attribute_names=mapping.names_of(row.attribute_names),
        group_rules=mapping.rules_of(row.group_rules),
        redirect_addresses=row.redirect_addresses,
        domains=[_domain(one) for one in domains],
        sign_in_url=addresses.start(public, row.id),
        redirect_url=addresses.redirector(public) if row.protocol == "oidc" else None,
        service_provider=_service_provider(public, row),
        configured_time=row.configured_at,
        created_time=row.created_at,
        last_modified_time=row.updated_at,
    )


async def document_of(session: AsyncSession, runtime: Runtime, row: IdentityProvider) -> ProviderDocument:
    """A provider as a document."""
    found = await queries.domains(session, [row.id])
    return document(KIND, row.id, attributes(runtime, row, found[row.id]))


def record_name(domain: str) -> str:
    """The name of the TXT record that shows whose a domain is."""
    return f"{RECORD}.{domain}"


def record_value(domain: Domain) -> str:
    """What that record says."""
    return f"{VALUE}={domain.token}"


def _domain(row: Domain) -> DomainAttributes:
    return DomainAttributes(
        domain=row.domain,
        verified=row.verified_at is not None,
        verified_time=row.verified_at,
        record_name=record_name(row.domain),
        record_value=record_value(row),
    )


def _service_provider(public: str, row: IdentityProvider) -> ServiceProvider | None:
    if row.certificate is None:
        return None
    return ServiceProvider(
        entity_id=addresses.service_provider(public, row.id, "metadata"),
        acs_url=addresses.service_provider(public, row.id, "acs"),
        logout_url=addresses.service_provider(public, row.id, "logout"),
        metadata_url=addresses.service_provider(public, row.id, "metadata"),
        certificate=row.certificate,
    )
