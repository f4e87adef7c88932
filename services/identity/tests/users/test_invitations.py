from typing import Any
from uuid import UUID, uuid4

import pytest
from identity.onboarding_requests.models import OnboardingRequest
from identity_world import World
from kernel import now


async def invited(world: World, status: str, **fields: Any) -> UUID:
    row = OnboardingRequest(
        organization_id=uuid4(),
        onboard_type="provider",
        status=status,
        mark=uuid4().bytes,
        sealed=b"",
        group_ids=[],
        provider_roles=[],
        notifications=[],
        auto_confirm=True,
        auto_sign_up=False,
        expires_at=now(),
        **fields,
    )
    async with world.runtime.sessions.begin() as session:
        session.add(row)
    return row.id


@pytest.mark.parametrize(
    ("statuses", "shown"),
    [
        ([], "none"),
        (["created"], "sent"),
        (["invited"], "sent"),
        (["registering"], "sent"),
        (["failed"], "failed"),
        (["canceled"], "failed"),
        (["claimed"], "accepted"),
        (["failed", "claimed"], "accepted"),
        (["claimed", "invited"], "sent"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else value,
)
async def test_what_became_of_the_newest_invitation(world: World, statuses: list[str], shown: str) -> None:
    user_id = await world.account()
    ids = [str(await invited(world, status, user_id=user_id)) for status in statuses]
    operator = world.client.as_operator()
    attributes = (await operator.get(f"/v1/users/{user_id}/")).json()["data"]["attributes"]
    assert attributes["registration-invite"] == shown
    assert [known["id"] for known in attributes["onboarding-requests"]] == ids
    assert (attributes["auto-confirm"], attributes["auto-sign-up"]) == (bool(statuses), False)
    for asked in ("none", "sent", "failed", "accepted"):
        rows = (await operator.get("/v1/users/", params={"filter[registration-invite]": asked})).json()["data"]
        assert (str(user_id) in {row["id"] for row in rows}) is (asked == shown), asked
    both = {"filter[registration-invite]": ["none", shown]}
    assert str(user_id) in {row["id"] for row in (await operator.get("/v1/users/", params=both)).json()["data"]}


async def test_who_claimed_an_invitation_counts(world: World) -> None:
    user_id = await world.account()
    await invited(world, "claimed", claimed_by=user_id)
    attributes = (await world.client.as_operator().get(f"/v1/users/{user_id}/")).json()["data"]["attributes"]
    assert attributes["registration-invite"] == "accepted"
