"""Reading an organization's identity providers: its administrators and the operator's staff may."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from kernel import Forbidden, NotFound, Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.identity_providers.models import Domain, IdentityProvider
from identity.identity_providers.names import normal
from identity.identity_providers.schemas import ProvidersQuery
from identity.users.visibility import admin_of, belongs

Found = TypeVar("Found")


async def list_(session: AsyncSession, principal: Principal, asked: ProvidersQuery) -> Slice[Any]:
    """An organization's providers, the oldest first. Raises NotFound or Forbidden."""
    await demand(session, principal, asked.organization_id, reading=True)
    statement = select(IdentityProvider).where(IdentityProvider.organization_id == asked.organization_id)
    return await page_of(session, statement.order_by(IdentityProvider.id), asked.page)


async def read(
    session: AsyncSession, principal: Principal, provider_id: UUID, *, reading: bool = False, lock: bool = False
) -> IdentityProvider:
    """A provider that the caller may change, or read. Raises NotFound or Forbidden."""
    row = await session.get(IdentityProvider, provider_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound
    await demand(session, principal, row.organization_id, reading=reading)
    return row


async def demand(session: AsyncSession, principal: Principal, organization_id: UUID, *, reading: bool = False) -> None:
    """Let pass who administers the organization; the operator's staff may read. Raises NotFound or Forbidden."""
    if principal.is_operator or (reading and principal.is_support):
        return
    if await admin_of(session, principal.user_id, organization_id):
        return
    if principal.is_support or await belongs(session, principal.user_id, organization_id):
        raise Forbidden("Only administrators of the organization manage its identity providers.")
    raise NotFound


async def domains(session: AsyncSession, provider_ids: Iterable[UUID]) -> dict[UUID, list[Domain]]:
    """The domains of providers."""
    found: dict[UUID, list[Domain]] = defaultdict(list)
    statement = select(Domain).where(Domain.provider_id.in_(list(provider_ids))).order_by(Domain.domain)
    for row in await session.scalars(statement):
        found[row.provider_id].append(row)
    return found


async def enabled(session: AsyncSession, provider_id: UUID) -> IdentityProvider:
    """A provider that people may come through now. Raises NotFound."""
    row = await session.get(IdentityProvider, provider_id)
    if row is None or not row.enabled:
        raise NotFound
    return row


async def of_domain(session: AsyncSession, domain: str) -> IdentityProvider | None:
    """The enabled provider whose verified domain this is."""
    statement = (
        select(IdentityProvider)
        .join(Domain, Domain.provider_id == IdentityProvider.id)
        .where(Domain.domain == (normal(domain) or ""), Domain.verified_at.is_not(None), IdentityProvider.enabled)
    )
    return (await session.scalars(statement)).first()


async def of_launch(session: AsyncSession, issuer: str) -> IdentityProvider | None:
    """The enabled provider for launches from a FHIR server, which names itself with or without a last slash."""
    names = [issuer.rstrip("/"), issuer.rstrip("/") + "/"]
    statement = select(IdentityProvider).where(IdentityProvider.fhir_url.in_(names), IdentityProvider.enabled)
    return (await session.scalars(statement)).first()


async def looked_up(runtime: Runtime, find: Callable[..., Awaitable[Found]], *values: Any) -> Found:
    """What `find(session, *values)` finds, with a connection that is held no longer than that."""
    async with runtime.reads() as session:
        return await find(session, *values)


async def verified_domains(session: AsyncSession, provider_id: UUID) -> set[str]:
    """The domains that were shown to be the provider's organization's."""
    statement = select(Domain.domain).where(Domain.provider_id == provider_id, Domain.verified_at.is_not(None))
    return set(await session.scalars(statement))
