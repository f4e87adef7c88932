"""Following what providers say of themselves: their keys and addresses change, and nobody tells us."""

import asyncio
from uuid import UUID

import structlog
from chassis.runtime import Runtime
from kernel import DomainError
from prometheus_client import Counter
from sqlalchemy import text

from identity.identity_providers.checking import refresh, source_of
from identity.identity_providers.configuring import configured
from identity.identity_providers.models import IdentityProvider

LOOK_EVERY = 600.0
DUE = text("""
    UPDATE identity_providers SET configured_at = clock_timestamp()
     WHERE id IN (SELECT id FROM identity_providers
                   WHERE enabled AND (metadata_url IS NOT NULL OR fhir_url IS NOT NULL)
                     AND configured_at < clock_timestamp() - interval '6 hours'
                   ORDER BY configured_at LIMIT 20 FOR UPDATE SKIP LOCKED)
    RETURNING id
""")

read_again = Counter("muster_identity_provider_metadata", "Metadata of identity providers read again", ["outcome"])
log = structlog.get_logger("identity.providers")


async def follow_providers(runtime: Runtime) -> None:
    """In the worker: read the metadata of each provider that has an address for them, four times a day."""
    while True:
        await follow_due(runtime)
        await asyncio.sleep(LOOK_EVERY)


async def follow_due(runtime: Runtime) -> None:
    """Read what is due. What cannot be read, or is another issuer's, changes nothing."""
    async with runtime.sessions.begin() as session:
        due = list(await session.scalars(DUE))
    for provider_id in due:
        outcome = await _follow(runtime, provider_id)
        read_again.labels(outcome).inc()
        if outcome != "read":
            log.warning("metadata not followed", provider=str(provider_id), outcome=outcome)


async def _follow(runtime: Runtime, provider_id: UUID) -> str:
    async with runtime.reads() as looking:
        row = await looking.get(IdentityProvider, provider_id)
    source = source_of(row) if row else None
    if row is None or source is None:
        return "gone"
    try:
        found = await configured(runtime, row.protocol, source)
    except DomainError as error:
        return error.code
    if found.issuer != row.issuer:
        return "another-issuer"
    async with runtime.sessions.begin() as session:
        await refresh(session, provider_id, found.endpoints)
    return "read"
