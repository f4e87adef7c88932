"""Who acts as which profile stands in the audit trail, with all people."""

from uuid import uuid4

from contracts.artifacts import EmulationEnded, EmulationStarted
from identity.audit_events.models import AuditEvent
from kernel import now
from sqlalchemy import select


async def test_both_people_and_the_profiles_between_are_kept(world, session):
    user, target, organization = uuid4(), uuid4(), uuid4()
    profiles = (uuid4(), uuid4())
    who = {"emulation_id": uuid4(), "organization_id": organization, "user_id": user, "target_user_id": target}
    await world.hear(EmulationStarted(**who, session_id=uuid4(), profile_ids=profiles, expires_at=now()))
    await world.hear(EmulationEnded(**who, target_profile_id=profiles[-1]))
    kept = list(await session.scalars(select(AuditEvent).where(AuditEvent.actor == str(user)).order_by(AuditEvent.id)))
    assert [line.action for line in kept] == ["emulation-started", "emulation-ended"]
    assert {(line.user_id, line.impersonator_id, line.target) for line in kept} == {
        (target, user, f"profiles:{profiles[-1]}")
    }
    assert kept[0].details["profile-ids"] == [str(one) for one in profiles]
