"""Whatever order and how often events arrive, each is applied once and in its aggregate's order."""

from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from messaging.inbox import Outcome, Reason, apply, park
from messaging.incoming import Incoming, read
from messaging.replay import replay
from shop_world import TABLE, Place, make_place

ARRIVALS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), max_size=40)
CONSUMER = "mail"


@pytest.fixture
async def place(postgres_url, stack) -> Place:
    return await make_place(postgres_url, stack)


def message(aggregate: UUID, version: int) -> Incoming:
    event_id = UUID(int=aggregate.int ^ version)
    data = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": "/shop",
        "type": "muster.shop.order.placed.v1",
        "time": "2030-01-01T00:00:00Z",
        "datacontenttype": "application/json",
        "aggregateid": str(aggregate),
        "aggregateversion": version,
        "data": {"order_id": str(aggregate), "number": version},
    }
    return read("evt.shop.order.placed.v1.0", "EVT_SHOP", version, msgspec.json.encode(data), {})


async def arrive(place: Place, incoming: Incoming) -> None:
    """What a reader does with a message, without the waiting."""
    async with place.sessions.begin() as session:
        outcome, state = await apply(session, CONSUMER, incoming, TABLE)
    if outcome is Outcome.GAP:
        async with place.sessions.begin() as session:
            assert await park(session, CONSUMER, incoming, Reason.GAP, "", 1) is Outcome.PARKED
    elif state == "waiting":
        await replay(place.sessions, CONSUMER, incoming.aggregate, TABLE)


async def test_effects_are_a_prefix_of_what_happened(place: Place) -> None:
    import asyncio

    loop = asyncio.get_running_loop()

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(ARRIVALS)
    def check(arrivals: list[tuple[int, int]]) -> None:
        asyncio.run_coroutine_threadsafe(run(arrivals), loop).result(30)

    async def run(arrivals: list[tuple[int, int]]) -> None:
        aggregates = [uuid4() for _ in range(3)]
        for index, version in arrivals:
            await arrive(place, message(aggregates[index], version))
        for index, aggregate in enumerate(aggregates):
            came = {version for which, version in arrivals if which == index}
            expected = next((version for version in range(1, 7) if version not in came), 6) - 1
            rows = await place.all("SELECT number FROM effects WHERE aggregate_id = :id ORDER BY id", id=str(aggregate))
            assert [row.number for row in rows] == list(range(1, expected + 1))
            rows = await place.all(
                "SELECT aggregate_version AS v FROM parked_events WHERE aggregate_id = :id ORDER BY 1",
                id=str(aggregate),
            )
            assert [row.v for row in rows] == sorted(version for version in came if version > expected)

    await asyncio.to_thread(check)
