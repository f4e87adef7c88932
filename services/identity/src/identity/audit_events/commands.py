"""Writing the audit trail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import uuid7
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.models import AuditEvent

PLATFORM = "platform"
ERASED = "erased"

RECORD_ALONE = "INSERT INTO audit_events (id, actor, action, user_id) VALUES ($1, 'anonymous', $2, $3)"
ALLOW = text("SET LOCAL muster.forgetting = 'on'")
FORBID = text("SET LOCAL muster.forgetting = 'off'")
FORGET = text("""
    UPDATE audit_events
       SET actor = CASE WHEN actor = CAST(:user_id AS text) THEN 'erased' ELSE actor END,
           user_id = nullif(user_id, :user_id),
           impersonator_id = nullif(impersonator_id, :user_id),
           target = CASE WHEN target = 'users:' || CAST(:user_id AS text) THEN NULL ELSE target END
     WHERE user_id = :user_id OR impersonator_id = :user_id OR actor = CAST(:user_id AS text)
        OR target = 'users:' || CAST(:user_id AS text)
""")


def record(
    session: AsyncSession,
    principal: Principal | None,
    action: str,
    user_id: UUID | None,
    *,
    organization_id: UUID | None = None,
    target: str | None = None,
    actor: str | None = None,
    at: datetime | None = None,
    **details: Any,
) -> None:
    """Note in the running transaction that `principal` (the platform itself without one) did this to a user.

    The organization is the given one, else the principal's, else the user's default one. `actor` names who acted
    where there is no principal, such as the person who signs in. `details` are ids, names of members and codes; the
    API key that was used is one of them.
    """
    if principal is not None and principal.key_id is not None:
        details["api_key"] = principal.key_id
    session.add(
        AuditEvent(
            actor=actor or (principal.subject if principal else PLATFORM),
            impersonator_id=principal.impersonator if principal else None,
            action=action,
            user_id=user_id,
            organization_id=organization_id or (principal.organization_id if principal else None),
            target=target,
            details={name.replace("_", "-"): _plain(value) for name, value in details.items()} or None,
            **({"at": at} if at else {}),
        )
    )


async def record_alone(runtime: Runtime, action: str, user_id: UUID | None) -> None:
    """Note what was refused, in a statement of its own: the request's transaction is rolled back."""
    await runtime.row(RECORD_ALONE, uuid7(), action, user_id)


async def forget(session: AsyncSession, user_id: UUID) -> int:
    """Take a person's id out of the audit trail: the acts stay, numbered as they were, and name nobody. How many.

    The one change of the trail that the database lets through, for the erasure of a person.
    """
    await session.flush()
    await session.execute(ALLOW)
    forgotten: Any = await session.execute(FORGET, {"user_id": user_id})
    await session.execute(FORBID)
    return forgotten.rowcount


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, UUID):
        return str(value)
    return [_plain(part) for part in value] if isinstance(value, list | tuple | set) else value
