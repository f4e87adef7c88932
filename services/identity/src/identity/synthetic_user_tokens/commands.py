"""A service account acts for a user: allowed by its administrator, within its own scopes, short, and audited."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import SessionStarted
from kernel import Conflict, DomainError, Forbidden, Invalid, NotFound, Problems, uuid7
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity import tokens
from identity.audit_events.commands import record
from identity.parts import parts_of
from identity.service_accounts.models import ServiceAccount
from identity.service_accounts.queries import is_machine
from identity.sessions import facts
from identity.synthetic_user_tokens.schemas import Issued, Wanted
from identity.throttling.budgets import USER_TOKEN_ACCOUNT
from identity.throttling.commands import demand

AT = "/data"
SCOPE = "user_token:write"
ADMIN = "org.admin"
# fmt: off
RESERVED = frozenset({
    "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid", "org", "roles", "scope", "act", "may_act",
    "client_id", "azp", "typ", "key", "endpoint", "auth_time", "acr", "amr", "cnf", "nonce", "at_hash", "c_hash",
    "email", "email_verified", "phone_number", "phone_number_verified", "preferred_username", "name",
    "given_name", "family_name", "groups", "entitlements", "events", "vot", "vtm", "permissions", "tenant",
})
# fmt: on
"""What tokens of the platform say themselves, and what readers of tokens commonly take for identity or permission."""

ADMIT = text("SELECT id FROM users WHERE id = :user_id AND state = 'confirmed' FOR KEY SHARE")
BEGIN = text("""
    INSERT INTO sessions (id, user_id, organization_id, expires_at, interactive, device, service_account_id)
    SELECT :id, :user_id, :organization_id, clock_timestamp() + :lives, false, :device, a.id
      FROM service_accounts a JOIN users m ON m.id = a.id AND m.state = 'confirmed'
     WHERE a.id = :account_id AND a.acts_for_users AND a.deleted_at IS NULL
    RETURNING expires_at
""")


async def create(session: AsyncSession, runtime: Runtime, principal: Principal, asked: Wanted) -> Issued:
    """A token to act for a user. Raises Forbidden, NotFound, Conflict, Problems or TooManyRequests."""
    account = await acting_account(session, principal)
    claims = checked_claims(asked)
    await demand(runtime, (USER_TOKEN_ACCOUNT, str(account.id)))
    if asked.organization_id not in {None, account.organization_id}:
        raise NotFound("There is no such organization.", pointer=f"{AT}/organization-id")
    who = await admitted(session, account, asked.user_id, f"{AT}/user-id")
    session_id, lives = uuid7(), timedelta(seconds=asked.expiration_secs)
    place: dict[str, Any] = {"user_id": who.user_id, "organization_id": account.organization_id}
    values = {"id": session_id, **place, "lives": lives, "device": account.name, "account_id": account.id}
    expires_at = await session.scalar(BEGIN, values)
    if expires_at is None:
        raise Forbidden("This account may not act for users.", code="may-not-act")
    details: dict[str, Any] = {"claims": sorted(claims), "seconds": asked.expiration_secs}
    record(session, principal, "user-token-issued", who.user_id, **_where(account, session_id), **details)
    await publish(session, SessionStarted(session_id=session_id, user_id=who.user_id))
    subject = tokens.Subject(
        **place,
        session_id=session_id,
        roles=plain_roles(who, account.organization_id),
        at=who.at,
        scopes=(principal.scopes or frozenset()) - {SCOPE},
        impersonator=account.id,
        key_id=principal.key_id,
        claims=claims,
    )
    return Issued(
        access_token=tokens.access_token(parts_of(runtime), subject, (expires_at - who.at).total_seconds()),
        expiration_secs=asked.expiration_secs,
        expiration_time=expires_at,
        session_id=session_id,
    )


async def acting_account(session: AsyncSession, principal: Principal) -> ServiceAccount:
    """The calling service account, if it may act for users. Raises Forbidden."""
    account = await session.get(ServiceAccount, principal.user_id) if principal.user_id else None
    if account is None or not account.acts_for_users or principal.organization_id != account.organization_id:
        raise Forbidden("Only service accounts that an administrator lets act for users may.", code="may-not-act")
    return account


async def admitted(session: AsyncSession, account: ServiceAccount, user_id: UUID, pointer: str | None) -> facts.Facts:
    """The user whom a service account may act for: of its organization, and nobody who may more than it may itself.

    Raises NotFound, Conflict for who may not sign in, or Forbidden.
    """
    row = (await session.execute(ADMIT, {"user_id": user_id})).first()
    who = await facts.read(session, user_id)  # raises NotFound
    if account.organization_id not in who.organizations:
        raise NotFound("There is no such user.", pointer=pointer)
    if row is None:
        raise Conflict("The user may not sign in.", pointer=pointer, code="not-possible")
    if any(organization is None for organization, _ in who.roles) or await is_machine(session, user_id):
        raise Forbidden("Nobody acts as the operator's staff, nor as a machine.", pointer=pointer, code="may-not-act")
    own = await facts.read(session, account.id)
    if ADMIN in who.roles_in(account.organization_id) and ADMIN not in own.roles_in(account.organization_id):
        raise Forbidden("It takes an administrator to act as one.", pointer=pointer, code="may-not-act")
    return who


def plain_roles(who: facts.Facts, organization_id: UUID) -> tuple[str, ...]:
    """A user's roles in an organization, without those of the system."""
    return tuple(role for role in who.roles_in(organization_id) if not role.startswith("system."))


def checked_claims(asked: Wanted) -> dict[str, str]:
    """The additional claims. Raises Problems naming each that is reserved or given twice."""
    problems: list[DomainError] = []
    found: dict[str, str] = {}
    for place, claim in enumerate(asked.additional_claims):
        pointer = f"{AT}/additional-claims/{place}/claim"
        if claim.claim.lower() in RESERVED:
            problems.append(Invalid("The platform says this itself.", pointer=pointer, code="reserved-claim"))
        elif claim.claim in found:
            problems.append(Invalid("This claim stands there twice.", pointer=pointer))
        found[claim.claim] = claim.value
    if problems:
        raise Problems(problems)
    return found


def _where(account: ServiceAccount, session_id: UUID) -> dict[str, Any]:
    return {"organization_id": account.organization_id, "target": f"sessions:{session_id}"}
