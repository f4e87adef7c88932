"""Whose a domain is: its owner shows it by a TXT record. The first who shows it has it until they give it up."""

import secrets
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Conflict, Invalid, NotFound, now
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from identity.identity_providers import names, queries
from identity.identity_providers.models import Domain, IdentityProvider
from identity.identity_providers.presentation import record_name, record_value
from identity.step_up import require_recent
from identity.throttling.budgets import PROVIDER_PERSON
from identity.throttling.commands import demand as spend

TOKEN_BYTES = 24


async def assign(session: AsyncSession, row: IdentityProvider, wanted: list[str]) -> None:
    """Let these be the provider's domains; one that stays keeps its token and verification. Raises Invalid."""
    known: list[str] = []
    for number, text in enumerate(wanted):
        if (domain := names.normal(text)) is None:
            raise Invalid("This is no domain.", pointer=f"/data/attributes/domains/{number}", code="invalid-domain")
        known.append(domain)
    await session.execute(delete(Domain).where(Domain.provider_id == row.id, Domain.domain.not_in(known)))
    for domain in dict.fromkeys(known):
        made = insert(Domain).values(provider_id=row.id, domain=domain, token=secrets.token_urlsafe(TOKEN_BYTES))
        await session.execute(made.on_conflict_do_nothing())


async def verify(
    runtime: Runtime, session: AsyncSession, principal: Principal, provider_id: UUID, text: str
) -> IdentityProvider:
    """Look the domain's record up. Raises NotFound, Forbidden, Invalid, Conflict or Unavailable."""
    async with runtime.reads() as looking:  # nobody holds a connection while a stranger's server is asked
        await queries.read(looking, principal, provider_id)
        await require_recent(looking, principal)
        known = await looking.get(Domain, (provider_id, names.normal(text) or ""))
    if known is None:
        raise NotFound("This is none of the provider's domains.", pointer="/domain")
    await spend(runtime, (PROVIDER_PERSON, principal.subject))
    if record_value(known) not in await names.texts(runtime, record_name(known.domain)):
        raise Invalid("There is no such TXT record (yet).", pointer="/domain", code="domain-not-verified")
    row = await queries.read(session, principal, provider_id, lock=True)
    await _take(session, row.id, known)
    return row


async def _take(session: AsyncSession, provider_id: UUID, known: Domain) -> None:
    statement = select(Domain).where(
        Domain.provider_id == provider_id, Domain.domain == known.domain, Domain.token == known.token
    )
    domain = (await session.scalars(statement)).one_or_none()
    if domain is None:
        raise NotFound("This is none of the provider's domains.", pointer="/domain")
    domain.verified_at = domain.verified_at or now()
    try:
        async with session.begin_nested():
            await session.flush()
    except IntegrityError as error:
        raise Conflict("The domain belongs to another identity provider.", pointer="/domain", code="taken") from error
