from datetime import UTC, datetime
from uuid import uuid4

import pytest
from contracts.identity import LoginsReported
from contracts.orgs import AggregationRequested
from identity_world import World


async def test_when_people_last_signed_in_is_reported(world: World) -> None:
    username, user = await world.confirmed()
    never = await world.account()
    await world.sign_in(username)
    request, people = uuid4(), tuple(uuid4() for _ in range(4))
    asked = {"request_id": request, "individual_ids": people, "user_ids": (user, None, never, uuid4())}
    await world.hear(AggregationRequested(**asked, column="last-login"))
    (report,) = await world.events(LoginsReported)
    assert (report.request_id, report.individual_ids) == (request, people)
    assert report.values[0] == pytest.approx(datetime.now(UTC).timestamp(), abs=60)
    assert report.values[1:] == (None, None, None)


async def test_columns_of_others_are_left_to_them(world: World) -> None:
    asked = {"request_id": uuid4(), "individual_ids": (uuid4(),), "user_ids": (None,)}
    await world.hear(AggregationRequested(**asked, column="cohort-count"))
    assert await world.events(LoginsReported) == []
