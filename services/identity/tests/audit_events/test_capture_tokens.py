"""Who replaced the token by which applications send events stands in the audit trail."""

from uuid import uuid4

from contracts.artifacts import CaptureTokenRotated
from identity.audit_events.models import AuditEvent
from sqlalchemy import select


async def test_who_replaced_a_token_is_kept(world, session):
    user, organization = uuid4(), uuid4()
    await world.hear(CaptureTokenRotated(organization_id=organization, actor=str(user), user_id=user))
    (line,) = await session.scalars(select(AuditEvent).where(AuditEvent.organization_id == organization))
    assert (line.action, line.actor, line.target) == (
        "capture-token-rotated",
        str(user),
        f"organizations:{organization}",
    )
