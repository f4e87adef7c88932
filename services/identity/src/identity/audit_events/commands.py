"""Writing the audit trail."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.models import AuditEvent


def record(
    session: AsyncSession,
    principal: Principal | None,
    action: str,
    user_id: UUID | None,
    **details: Any,
) -> None:
    """Note in the running transaction that `principal` (the platform itself without one) did this to a user."""
    session.add(
        AuditEvent(
            actor=principal.subject if principal else "platform",
            action=action,
            user_id=user_id,
            organization_id=principal.organization_id if principal else None,
            details=details or None,
        )
    )
