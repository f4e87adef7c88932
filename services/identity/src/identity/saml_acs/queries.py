"""SAML providers that people may come through."""

from uuid import UUID

from kernel import NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from identity.identity_providers import queries
from identity.identity_providers.models import IdentityProvider


async def saml_provider(session: AsyncSession, provider_id: UUID) -> IdentityProvider:
    """An enabled SAML provider. Raises NotFound."""
    return _saml(await queries.enabled(session, provider_id))


async def described_provider(session: AsyncSession, provider_id: UUID) -> IdentityProvider:
    """A SAML provider, also one that is not enabled (yet): it has to know us before. Raises NotFound."""
    return _saml(await session.get(IdentityProvider, provider_id))


def _saml(row: IdentityProvider | None) -> IdentityProvider:
    if row is None or row.protocol != "saml":
        raise NotFound
    return row
