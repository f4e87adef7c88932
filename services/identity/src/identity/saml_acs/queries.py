"""SAML providers that people may come through."""

from uuid import UUID

from kernel import NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from identity.identity_providers import queries
from identity.identity_providers.models import IdentityProvider


async def saml_provider(session: AsyncSession, provider_id: UUID) -> IdentityProvider:
    """An enabled SAML provider. Raises NotFound."""
    row = await queries.enabled(session, provider_id)
    if row.protocol != "saml":
        raise NotFound
    return row
