"""What other services tell of calls that were made in another person's name."""

from contracts.impersonation import CALLS, ImpersonatedCall
from messaging import Consumers, Meta
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.models import AuditEvent


async def on_impersonated_call(session: AsyncSession, event: ImpersonatedCall, _: Meta) -> None:
    """Keep the call with both people."""
    session.add(
        AuditEvent(
            at=event.called_at,
            actor=str(event.user_id),
            impersonator_id=event.impersonator_id,
            action="impersonated-call",
            user_id=event.user_id,
            organization_id=event.organization_id,
            target=f"sessions:{event.session_id}",
            details={"service": event.context, "method": event.method, "path": event.path},
        )
    )


table: Consumers = dict.fromkeys(CALLS.values(), on_impersonated_call)
