"""What other services tell of what was done in another person's name, and to what opens an organization's doors."""

from contracts.artifacts import CaptureTokenRotated, EmulationEnded, EmulationStarted
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


async def on_emulation_started(session: AsyncSession, event: EmulationStarted, meta: Meta) -> None:
    """Keep who acts as which profile of artifacts, and through which others."""
    session.add(
        AuditEvent(
            at=meta.occurred_at,
            actor=str(event.user_id),
            impersonator_id=None if event.target_user_id is None else event.user_id,
            action="emulation-started",
            user_id=event.target_user_id or event.user_id,
            organization_id=event.organization_id,
            target=f"profiles:{event.profile_ids[-1]}",
            details={
                "emulation-id": str(event.emulation_id),
                "profile-ids": [str(one) for one in event.profile_ids],
                "expires-at": event.expires_at.isoformat(),
            },
        )
    )


async def on_emulation_ended(session: AsyncSession, event: EmulationEnded, meta: Meta) -> None:
    """Keep that somebody ceased to act as a profile."""
    session.add(
        AuditEvent(
            at=meta.occurred_at,
            actor=str(event.user_id),
            impersonator_id=None if event.target_user_id is None else event.user_id,
            action="emulation-ended",
            user_id=event.target_user_id or event.user_id,
            organization_id=event.organization_id,
            target=f"profiles:{event.target_profile_id}",
            details={"emulation-id": str(event.emulation_id)},
        )
    )


async def on_capture_token_rotated(session: AsyncSession, event: CaptureTokenRotated, meta: Meta) -> None:
    """Keep who replaced the token by which applications send events."""
    session.add(
        AuditEvent(
            at=meta.occurred_at,
            actor=event.actor,
            impersonator_id=None,
            action="capture-token-rotated",
            user_id=event.user_id,
            organization_id=event.organization_id,
            target=f"organizations:{event.organization_id}",
            details=None,
        )
    )


table: Consumers = {
    CaptureTokenRotated: on_capture_token_rotated,
    **dict.fromkeys(CALLS.values(), on_impersonated_call),
    EmulationStarted: on_emulation_started,
    EmulationEnded: on_emulation_ended,
}
