"""Setting identity providers up, changing and removing them."""

import asyncio
from typing import Any, Literal
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import IdentityProviderChanged
from kernel import Conflict, Invalid, NotFound, now, uuid7
from messaging import publish
from msgspec import UNSET
from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.external_sign_ins import ending as external_sign_ins
from identity.external_sign_ins.models import ExternalIdentity
from identity.identity_providers import addresses, credentials, discovery, domains, queries
from identity.identity_providers.configuring import AT, Configured, Source, configured
from identity.identity_providers.models import IdentityProvider
from identity.identity_providers.schemas import ChangedProviderAttributes, NewProviderAttributes
from identity.organizations.models import Organization
from identity.parts import parts_of
from identity.step_up import require_recent
from identity.throttling.budgets import PROVIDER_PERSON
from identity.throttling.commands import demand as spend

MOST_PROVIDERS = 20
SOURCES = ("issuer", "metadata", "metadata_url", "fhir_url")
COLUMNS = {"trust_second_factor": "trusts_second_factor", "allow_unsolicited": "allows_unsolicited"}
PLAIN = ("name", "enabled", "just_in_time", "client_id", "client_authentication", "scopes", "redirect_addresses")

Change = Literal["created", "updated", "deleted", "domain-verified"]


async def create(
    runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewProviderAttributes
) -> IdentityProvider:
    """Set a provider up. Raises Invalid, NotFound, Forbidden, Conflict or InsufficientAuthentication."""
    async with runtime.reads() as looking:  # nobody holds a connection while a stranger's server is asked
        await queries.demand(looking, principal, asked.organization_id)
        await require_recent(looking, principal)
    await spend(runtime, (PROVIDER_PERSON, principal.subject))
    source = Source(*(getattr(asked, name) for name in SOURCES))
    found = await configured(runtime, asked.protocol, source)
    if await session.get(Organization, asked.organization_id, with_for_update={"key_share": True}) is None:
        raise NotFound("There is no such organization.", pointer=f"{AT}/organization-id")
    await _check_room(session, asked.organization_id)
    row = IdentityProvider(id=uuid7(), organization_id=asked.organization_id, protocol=asked.protocol)
    _configure(row, found, source)
    _assign(runtime, row, msgspec.structs.asdict(asked))
    if asked.protocol == "saml":
        pair = await asyncio.to_thread(credentials.new_pair, row.id)
        row.signing_key = credentials.seal_key(parts_of(runtime).vault, row.id, pair.key)
        row.certificate = pair.certificate
    _check(row)
    await _check_launch(session, row)
    session.add(row)
    await session.flush()
    await domains.assign(session, row, asked.domains)
    await tell(session, principal, row, "created")
    await session.refresh(row)
    return row


async def update(
    runtime: Runtime, session: AsyncSession, principal: Principal, provider_id: UUID, asked: ChangedProviderAttributes
) -> IdentityProvider:
    """Change a provider. Raises Invalid, NotFound, Forbidden, Conflict or InsufficientAuthentication."""
    given = {name: value for name, value in msgspec.structs.asdict(asked).items() if value is not UNSET}
    source = Source(**{name: given[name] for name in SOURCES if name in given})
    found: Configured | None = None
    if any(source):
        async with runtime.reads() as looking:
            protocol = (await queries.read(looking, principal, provider_id)).protocol
        await spend(runtime, (PROVIDER_PERSON, principal.subject))
        found = await configured(runtime, protocol, source)
    row = await queries.read(session, principal, provider_id, lock=True)
    await require_recent(session, principal)
    if found is not None:
        if found.issuer != row.issuer:
            await external_sign_ins.end_all(session, row.id)
            await session.execute(sql_delete(ExternalIdentity).where(ExternalIdentity.provider_id == row.id))
        _configure(row, found, source)
    with session.no_autoflush:
        _assign(runtime, row, given)
        _check(row)
        await _check_launch(session, row)
    if "domains" in given:
        await domains.assign(session, row, given["domains"])
    await tell(session, principal, row, "updated", members=sorted(given))
    await session.refresh(row)
    return row


async def delete(session: AsyncSession, principal: Principal, provider_id: UUID) -> None:
    """Remove a provider: nobody signs in through it any more; who has no password has no way in.

    What began by its word ends. Raises NotFound.
    """
    row = await queries.read(session, principal, provider_id, lock=True)
    await require_recent(session, principal)
    await external_sign_ins.end_all(session, row.id)
    await session.delete(row)
    await tell(session, principal, row, "deleted")


async def tell(session: AsyncSession, principal: Principal, row: IdentityProvider, change: Change, **more: Any) -> None:
    """Note a change in the audit trail and announce it."""
    where: dict[str, Any] = {"organization_id": row.organization_id, "target": f"identity-providers:{row.id}"}
    record(session, principal, f"identity-provider-{change}", None, **where, **more)
    await session.flush()
    await publish(
        session,
        IdentityProviderChanged(identity_provider_id=row.id, organization_id=row.organization_id, change=change),
    )


def _configure(row: IdentityProvider, found: Configured, source: Source) -> None:
    """Keep what was found, and where it is found again; nowhere for a document that was given."""
    row.issuer, row.endpoints, row.configured_at = found.issuer, found.endpoints, now()
    row.metadata_url, row.fhir_url = source.metadata_url, source.fhir_url
    if source.issuer and not (source.metadata or source.metadata_url or source.fhir_url):
        row.metadata_url = discovery.of_issuer(source.issuer)


def _assign(runtime: Runtime, row: IdentityProvider, given: dict[str, Any]) -> None:
    for name, value in given.items():
        if name in PLAIN:
            setattr(row, name, list(dict.fromkeys(value)) if isinstance(value, list) else value)
        elif name in COLUMNS:
            setattr(row, COLUMNS[name], value)
        elif name in {"attribute_names", "group_rules"}:
            setattr(row, name, msgspec.to_builtins(value))
    if given.get("client_secret"):
        row.client_secret = credentials.seal_secret(parts_of(runtime).vault, row.id, given["client_secret"])


def _check(row: IdentityProvider) -> None:
    """Raise Invalid where what belongs together does not fit."""
    if row.protocol == "oidc":
        if not row.client_id:
            raise Invalid("OpenID Connect takes a client-id.", pointer=f"{AT}/client-id", code="required")
        if row.client_authentication != "none" and row.client_secret is None:
            raise Invalid("This client authentication takes a secret.", pointer=f"{AT}/client-secret", code="required")
        if row.allows_unsolicited:
            raise Invalid("Only SAML knows sign-ins that nobody asked for.", pointer=f"{AT}/allow-unsolicited")
    for number, address in enumerate(row.redirect_addresses):
        if problem := addresses.registrable(address):
            raise Invalid(problem, pointer=f"{AT}/redirect-addresses/{number}", code="address-not-allowed")
    for number, rule in enumerate(row.group_rules):
        if not rule.get("role") and not rule.get("group-id"):
            raise Invalid("A rule gives a role or a group.", pointer=f"{AT}/group-rules/{number}", code="required")


async def _check_room(session: AsyncSession, organization_id: UUID) -> None:
    known = select(func.count()).where(IdentityProvider.organization_id == organization_id)
    if (await session.execute(known)).scalar_one() >= MOST_PROVIDERS:
        raise Conflict(f"An organization has at most {MOST_PROVIDERS} identity providers.", code="too-many-providers")


async def _check_launch(session: AsyncSession, row: IdentityProvider) -> None:
    if row.fhir_url is None:
        return
    other = select(IdentityProvider.id).where(IdentityProvider.fhir_url == row.fhir_url, IdentityProvider.id != row.id)
    if await session.scalar(other) is not None:
        raise Conflict("Launches from this server lead elsewhere.", pointer=f"{AT}/fhir-url", code="taken")
