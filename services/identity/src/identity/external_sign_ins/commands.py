"""Coming back from an identity provider: a way is answered once, and what it leads to is used once."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from kernel import DomainError, Invalid, now, uuid7
from litestar import Response
from prometheus_client import Counter
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.external_sign_ins.models import ExternalSignIn, SeenAssertion
from identity.external_sign_ins.onward import CODE_LIVES, coded, onward
from identity.external_sign_ins.saml import Shown
from identity.external_sign_ins.starting import LIVES, unknown_state
from identity.identity_providers import addresses
from identity.identity_providers.mapping import Claimed
from identity.identity_providers.models import IdentityProvider
from identity.login.external import admit_external, proof_of
from identity.openid import browser_sessions
from identity.parts import parts_of
from identity.throttling.callers import AnyRequest

TAKE = text("""
    UPDATE external_sign_ins SET answered_at = clock_timestamp()
     WHERE id = :id AND answered_at IS NULL AND expires_at > clock_timestamp()
       AND (CAST(:browser AS bytea) IS NULL OR browser = :browser)
    RETURNING id
""")
HAND_OVER = text("""
    UPDATE external_sign_ins SET code = :new, code_expires_at = clock_timestamp() + :lives
     WHERE code = :old AND used_at IS NULL AND code_expires_at > clock_timestamp()
       AND (browser IS NULL OR browser = :browser)
    RETURNING id
""")
SWEEP = text("DELETE FROM external_sign_ins WHERE expires_at < now() - interval '1 day'")
SWEEP_ASSERTIONS = text("DELETE FROM seen_assertions WHERE expires_at < now()")

came = Counter("muster_identity_external_sign_ins", "Arrivals from identity providers", ["protocol", "outcome"])


@contextmanager
def counted(protocol: str) -> Generator[None]:
    """Count what comes of an arrival: `admitted`, or the code of the refusal."""
    try:
        yield
    except DomainError as error:
        came.labels(protocol, error.code).inc()
        raise
    came.labels(protocol, "admitted").inc()


async def take(runtime: Runtime, sign_in_id: UUID, browser: str | None) -> ExternalSignIn:
    """Answer a way, once, in the browser that began it; with None its browser is looked at later. Raises Invalid."""
    marked = browser_sessions.digest(browser) if browser is not None else None
    async with runtime.sessions.begin() as session:
        if (await session.execute(TAKE, {"id": sign_in_id, "browser": marked})).first() is None:
            raise unknown_state()
        return await session.get_one(ExternalSignIn, sign_in_id, populate_existing=True)


async def came_back(
    runtime: Runtime,
    request: AnyRequest,
    provider: IdentityProvider,
    row: ExternalSignIn,
    claimed: Claimed,
) -> Response[Any]:
    """Let in who came back and send them on: into an interaction, to an application with a code, or with tokens."""
    async with runtime.sessions.begin() as session:
        row = await session.get_one(ExternalSignIn, row.id, with_for_update=True, populate_existing=True)
        await _admit(session, provider, row, claimed)
        return await onward(runtime, session, request, row)


async def shown(runtime: Runtime, provider: IdentityProvider, row: ExternalSignIn, shown: Shown) -> str:
    """Let in who a SAML assertion is about, once; answers a code that their browser comes with. Raises Invalid."""
    parts = parts_of(runtime)
    async with runtime.sessions.begin() as session:
        mark = parts.vault.mark("assertion", shown.assertion_id.encode())
        seen = insert(SeenAssertion).values(provider_id=provider.id, mark=mark, expires_at=shown.expires_at)
        if await session.scalar(seen.on_conflict_do_nothing().returning(SeenAssertion.mark)) is None:
            raise Invalid("This assertion was used before.", code="invalid-saml-message")
        row = await session.merge(row)
        await session.flush()
        await session.refresh(row, with_for_update=True)
        await _admit(session, provider, row, shown.claimed)
        sealed = msgspec.json.encode(shown.upstream)
        row.upstream_session = parts.vault.seal(sealed, f"external-session:{provider.id}")
        return await coded(session, row)


async def finish(runtime: Runtime, request: AnyRequest, code: str) -> Response[Any]:
    """Go on with who came by SAML, in the browser that began it. Raises Invalid."""
    browser = browser_sessions.browser_of(request, parts_of(runtime)) or ""
    new = secrets.token_urlsafe(32)
    values = {
        "old": browser_sessions.digest(code),
        "new": browser_sessions.digest(new),
        "browser": browser_sessions.digest(browser),
        "lives": CODE_LIVES,
    }
    async with runtime.sessions.begin() as session:
        found = (await session.execute(HAND_OVER, values)).first()
        if found is None:
            raise unknown_state()
        row = await session.get_one(ExternalSignIn, found.id, with_for_update=True, populate_existing=True)
        return await onward(runtime, session, request, row)


def unsolicited(provider: IdentityProvider, relay_state: str | None) -> ExternalSignIn:
    """A way that the provider itself began. `relay_state` may name an address of an application."""
    wanted = relay_state if relay_state and addresses.allowed(provider, relay_state) else None
    usual = next(iter(provider.redirect_addresses), None)
    moment = now()
    return ExternalSignIn(
        id=uuid7(), provider_id=provider.id, next=wanted or usual, answered_at=moment, expires_at=moment + LIVES
    )


async def _admit(session: AsyncSession, provider: IdentityProvider, row: ExternalSignIn, claimed: Claimed) -> None:
    row.identity_id = (await admit_external(session, provider, claimed)).identity_id
    row.proof = msgspec.to_builtins(proof_of(provider, claimed))
