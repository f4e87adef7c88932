"""Many wishes of one session at once."""

import asyncio
from uuid import uuid4

from artifacts.profiles.models import Profile


async def test_two_grants_never_stand_side_by_side(live):
    organization, user, session_id = uuid4(), uuid4(), uuid4()
    targets = []
    async with live.app.state.runtime.sessions.begin() as session:
        for number in range(8):
            row = Profile(
                organization_id=organization, number=number, account_type="patient", role="guest", name=f"P{number}"
            )
            session.add(row)
            targets.append(row)
    caller = live.as_(user_id=user, organization_id=organization, roles=("org.admin",), session_id=session_id)
    bodies = [{"target_profile_id": str(target.id)} for target in targets]
    answers = await asyncio.gather(*(caller.post("/api/v5/artifacts/profiles/emulate", json=body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["allowed"] for answer in answers) == 1
    left = await asyncio.gather(*(caller.post("/api/v5/artifacts/profiles/unemulate") for _ in range(4)))
    assert sorted(answer.json()["ok"] for answer in left) == [False, False, False, True]
