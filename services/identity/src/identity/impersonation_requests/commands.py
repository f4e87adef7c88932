"""Acting as a user: asked for with a reason, allowed by somebody else, short, and visible to the user."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import ImpersonationRequestChanged
from kernel import Conflict, Forbidden, Invalid, NotFound, now, uuid7
from messaging import publish
from prometheus_client import Counter
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.impersonation_requests import queries
from identity.impersonation_requests.models import ImpersonationRequest
from identity.impersonation_requests.schemas import KIND, Impersonate, NewRequestAttributes
from identity.message_contents.commands import send
from identity.message_contents.content import Content
from identity.parts import Parts, parts_of
from identity.service_accounts.queries import is_machine
from identity.sessions import commands as sessions
from identity.sessions import impersonators
from identity.sessions.schemas import SignedIn
from identity.throttling.budgets import IMPERSONATE_PERSON
from identity.throttling.callers import AnyRequest
from identity.throttling.commands import demand
from identity.users.models import User, UserRole
from identity.users.visibility import administers
from identity.zones import DEFAULT_LOCALE

AT = "/data/attributes"
impersonations_total = Counter(
    "muster_identity_impersonations_total", "Requests to act as a user, by what became", ["state"]
)

WAITS = timedelta(hours=24)
USABLE = timedelta(hours=8)
LONGEST = timedelta(hours=3)


async def create(
    runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewRequestAttributes
) -> ImpersonationRequest:
    """Ask. Raises NotFound, Invalid, Conflict, or Forbidden for people of the operator's."""
    if principal.user_id is None:
        raise Forbidden("Only people act as people.")
    if not asked.reason.strip():
        raise Invalid("Say why.", pointer=f"{AT}/reason", code="required")
    await demand(runtime, (IMPERSONATE_PERSON, principal.subject))
    user = await session.get(User, asked.user_id)
    if user is None:
        raise NotFound("There is no such user.", pointer=f"{AT}/user-id")
    if user.id == principal.user_id:
        raise Invalid("One acts as oneself anyway.", pointer=f"{AT}/user-id")
    await _check_target(session, user)
    row = ImpersonationRequest(
        id=uuid7(),
        user_id=user.id,
        created_by=principal.user_id,
        reason=asked.reason.strip(),
        state="requested",
        expires_at=now() + WAITS,
    )
    session.add(row)
    await _announce(session, principal, row, "requested")
    return row


async def approve(session: AsyncSession, principal: Principal, request_id: UUID) -> ImpersonationRequest:
    """Allow it, for 8 hours. Raises Forbidden for who asked and who may not decide, Conflict where it is over."""
    row = await queries.read(session, principal, request_id, lock=True)
    if row.created_by == principal.user_id:
        raise Forbidden("Somebody else has to decide.", code="own-request")
    await _check_decides(session, principal, row)
    if row.state != "requested" or row.expires_at <= now():
        raise Conflict("The request is over.", code="request-over")
    await _decide(session, principal, row, "approved")
    row.expires_at = now() + USABLE
    return row


async def deny(session: AsyncSession, principal: Principal, request_id: UUID) -> ImpersonationRequest:
    """Refuse it, or take back what was allowed: its sessions end at once. The user may, too, and who asked.

    Denying twice changes nothing. Raises Forbidden or Conflict.
    """
    row = await queries.read(session, principal, request_id, lock=True)
    if principal.user_id not in {row.user_id, row.created_by}:
        await _check_decides(session, principal, row)
    if row.state == "denied":
        return row
    if row.expires_at <= now():
        raise Conflict("The request is over.", code="request-over")
    await _decide(session, principal, row, "denied")
    for session_id in await impersonators.of_request(session, row.id):
        await sessions.end(session, session_id, "revoked")
    return row


async def impersonate(
    runtime: Runtime,
    session: AsyncSession,
    request: AnyRequest,
    principal: Principal,
    request_id: UUID,
    asked: Impersonate,
) -> SignedIn:
    """Tokens to act as the user, for who asked. All sessions of a request end 3 hours after its first use.

    Raises NotFound, or Conflict where it is not allowed (any more) or the user may not sign in.
    """
    row = await queries.read(session, principal, request_id, lock=True)
    if row.created_by != principal.user_id:
        raise NotFound
    if row.state != "approved" or row.expires_at <= now():
        raise Conflict("The request is not approved, or over.", code="not-approved")
    user = await session.get_one(User, row.user_id)
    await _check_target(session, user)
    first = row.used_at is None
    if first:
        row.used_at, row.expires_at = now(), now() + LONGEST
    await session.flush()
    terms = impersonators.Terms(
        request_id=row.id,
        access_seconds=asked.access_token_expiration_seconds,
        lives=min(timedelta(seconds=asked.refresh_token_expiration_seconds), row.expires_at - now()),
        device=request.headers.get("user-agent", "")[:200] or None,
    )
    answer = await impersonators.impersonate(session, parts_of(runtime), principal, row.user_id, terms)
    if answer is None:
        raise Conflict("The user may not sign in, or your own session has ended.", code="not-possible")
    await _announce(session, principal, row, "used", session_id=answer.session_id)
    if first:
        await _tell(session, parts_of(runtime), user, row)
    return answer


async def _check_target(session: AsyncSession, user: User) -> None:
    staff = exists().where(UserRole.user_id == user.id, UserRole.organization_id.is_(None))
    if await session.scalar(select(staff)):
        raise Forbidden("Nobody acts as one of the operator's staff.", pointer=f"{AT}/user-id", code="system-role")
    if await is_machine(session, user.id):
        raise Forbidden("Nobody acts as a service account.", pointer=f"{AT}/user-id", code="service-account")
    if user.state != "confirmed":
        raise Conflict("The user may not sign in.", pointer=f"{AT}/user-id", code="not-possible")


async def _check_decides(session: AsyncSession, principal: Principal, row: ImpersonationRequest) -> None:
    """The operator decides, and whoever administers every organization of the user's."""
    if not await administers(session, principal, row.user_id):
        raise Forbidden("This takes the operator, or an administrator of all of the user's organizations.")


async def _decide(session: AsyncSession, principal: Principal, row: ImpersonationRequest, state: Any) -> None:
    row.state, row.decided_by, row.decided_at = state, principal.user_id, now()
    await _announce(session, principal, row, state)


async def _announce(
    session: AsyncSession, principal: Principal, row: ImpersonationRequest, state: Any, **details: Any
) -> None:
    impersonations_total.labels(state).inc()
    target = f"{KIND}:{row.id}"
    record(session, principal, f"impersonation-{state}", row.user_id, target=target, **details)
    await session.flush()  # the state is written before it is announced
    changed = ImpersonationRequestChanged(
        impersonation_request_id=row.id,
        user_id=row.user_id,
        created_by=row.created_by,
        state=state,
        decided_by=row.decided_by,
    )
    await publish(session, changed)


async def _tell(session: AsyncSession, parts: Parts, user: User, row: ImpersonationRequest) -> None:
    """The user learns of it, and why."""
    if user.email is None:
        return
    content = Content(
        recipient=user.email,
        locale=user.locale or DEFAULT_LOCALE,
        variables={"first_name": user.first_name or "", "reason": row.reason},
    )
    whose: dict[str, Any] = {"user_id": user.id, "organization_id": user.default_organization_id}
    await send(session, parts, "impersonation-started", "email", content, **whose)
