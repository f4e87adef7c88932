"""Signing out of the identity provider that a session came from."""

from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncSession

from identity.external_sign_ins import saml
from identity.external_sign_ins.models import ExternalSession
from identity.external_sign_ins.upstream import Upstream
from identity.identity_providers.models import IdentityProvider
from identity.parts import parts_of


async def sign_out_address(runtime: Runtime, session: AsyncSession, session_id: UUID) -> str | None:
    """Where a browser signs out of the provider of a session, by a signed LogoutRequest; None where there is none."""
    row = await session.get(ExternalSession, session_id)
    provider = await session.get(IdentityProvider, row.provider_id) if row else None
    if row is None or provider is None or not provider.enabled:
        return None
    raw = parts_of(runtime).vault.open_sealed(row.details, f"external-session:{row.provider_id}")
    return saml.sign_out_address(runtime, provider, msgspec.json.decode(raw, type=Upstream), str(session_id))
