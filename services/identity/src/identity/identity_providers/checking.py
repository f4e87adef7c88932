"""Trying a provider out, as far as that goes without somebody who signs in."""

from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from cryptography import x509
from kernel import DomainError, now
from sqlalchemy.ext.asyncio import AsyncSession

from identity.external_sign_ins import provider_keys
from identity.identity_providers import discovery, queries, saml_metadata
from identity.identity_providers.configuring import Source, configured
from identity.identity_providers.models import IdentityProvider
from identity.identity_providers.schemas import Check, Tested
from identity.throttling.budgets import PROVIDER_PERSON
from identity.throttling.commands import demand as spend


async def test(runtime: Runtime, session: AsyncSession, principal: Principal, provider_id: UUID) -> Tested:
    """What works and what does not. What the provider says of itself now is kept. Raises NotFound or Forbidden."""
    async with runtime.reads() as looking:  # nobody holds a connection while a stranger's server is asked
        row = await queries.read(looking, principal, provider_id)
        known = (await queries.domains(looking, [row.id]))[row.id]
    await spend(runtime, (PROVIDER_PERSON, principal.subject))
    checks = [await _metadata(runtime, session, row)]
    checks.append(await _keys(runtime, row) if row.protocol == "oidc" else _certificates(row))
    waiting = [one.domain for one in known if one.verified_at is None]
    checks.append(Check("domains", not waiting, f"Not verified: {', '.join(waiting)}." if waiting else "Verified."))
    addresses = "None: tokens are answered directly." if not row.redirect_addresses else "Some are registered."
    checks.append(Check("redirect-addresses", ok=True, detail=addresses))
    return Tested(all(check.ok for check in checks), checks)


async def _metadata(runtime: Runtime, session: AsyncSession, row: IdentityProvider) -> Check:
    source = source_of(row)
    if source is None:
        return Check("metadata", ok=True, detail="Given as a document; there is nothing to ask.")
    try:
        found = await configured(runtime, row.protocol, source)
    except DomainError as error:
        return Check("metadata", ok=False, detail=error.detail)
    if found.issuer != row.issuer:
        return Check("metadata", ok=False, detail="The provider has another issuer now; set it anew.")
    await refresh(session, row.id, found.endpoints)
    row.endpoints = found.endpoints
    return Check("metadata", ok=True, detail="Read.")


def source_of(row: IdentityProvider) -> Source | None:
    """Where a provider's configuration is read again; None where an administrator gave it as a document."""
    if row.metadata_url or row.fhir_url:
        return Source(metadata_url=row.metadata_url, fhir_url=row.fhir_url)
    return None


async def refresh(session: AsyncSession, provider_id: UUID, endpoints: dict[str, object]) -> None:
    """Keep what a provider says of itself now."""
    row = await session.get_one(IdentityProvider, provider_id, with_for_update=True, populate_existing=True)
    row.endpoints, row.configured_at = endpoints, now()


async def _keys(runtime: Runtime, row: IdentityProvider) -> Check:
    endpoints = msgspec.convert(row.endpoints, discovery.Endpoints)
    try:
        found = await provider_keys.fetch(runtime, endpoints.keys_url)
    except DomainError as error:
        return Check("keys", ok=False, detail=error.detail)
    return Check("keys", bool(found.keys), f"{len(found.keys)} keys that sign.")


def _certificates(row: IdentityProvider) -> Check:
    endpoints = msgspec.convert(row.endpoints, saml_metadata.Endpoints)
    expired = [one for one in map(_certificate, endpoints.certificates) if one.not_valid_after_utc < now()]
    detail = f"{len(endpoints.certificates)} certificates, {len(expired)} of them expired."
    return Check("certificates", ok=len(expired) < len(endpoints.certificates), detail=detail)


def _certificate(text: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----".encode())
