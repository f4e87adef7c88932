"""Facts in the database: what is applied and loaded again agrees with the oracle, in any order and with repetitions."""

import asyncio

import asyncpg
from agreement import assert_agreement
from authz.base_facts.apply import apply
from authz.base_facts.load import load
from authz.replica import Replica
from database import engine, session_maker
from deliveries import deliver, versioned
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from permission_oracle import Oracle
from permission_worlds import EVENTS
from wire import entries

CALM = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=30)
EMPTY = """
TRUNCATE applied_positions, applied_aggregates, users, organizations, organization_staff, individuals, groups,
    group_people, role_users, outbox, aggregate_versions, quarantined_events;
DELETE FROM roles WHERE organization_id IS NOT NULL
"""


def oracle_of(events):
    oracle = Oracle()
    for event in events:
        oracle.hear(event)
    return oracle


async def applied_and_loaded(url, batches):
    """Apply batches, each in a transaction of its own, to an empty database; load what it holds then."""
    bind = engine(url, "authz-test")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(EMPTY)
        for context, batch in batches:
            async with session_maker(bind).begin() as session:
                await apply(session, context, batch)
        return await load(connection)
    finally:
        await connection.close()
        await bind.dispose()


def without_roles(events):
    """Roles are written by the operations of this service and by consequences, not by its own stream."""
    return [
        event for event in events if type(event).context != "authz" and type(event).__name__ != "OrganizationUserAdded"
    ]


def batches_of(deliveries, size):
    by_context = {}
    for one in deliveries:
        by_context.setdefault(type(one.event).context, []).append(one)
    return [
        (context, entries(ones[at : at + size], first=at + 1))
        for context, ones in by_context.items()
        for at in range(0, len(ones), size)
    ]


@given(EVENTS.map(without_roles), st.integers(1, 12), st.data())
@CALM
def test_what_is_loaded_agrees_with_the_oracle(facts_database, events, size, data):
    deliveries = versioned(events)
    arrived = data.draw(st.one_of(st.just(deliveries), st.permutations(deliveries)))
    repeated = data.draw(st.lists(st.sampled_from(deliveries), max_size=8)) if deliveries else []
    snapshot = asyncio.run(applied_and_loaded(facts_database, batches_of([*arrived, *repeated], size)))
    roles_made = [event for event in events if type(event).__name__ == "OrganizationCreated"]
    assert len(snapshot.facts.roles) == 2 + 2 * len({event.organization_id for event in roles_made})
    assert_agreement(snapshot.facts, oracle_of(events))


@given(EVENTS.map(without_roles), st.integers(0, 40), st.integers(0, 40), st.data())
@CALM
def test_a_restart_in_the_middle_changes_nothing(facts_database, events, loaded_after, again_from, data):
    """The database stands at one point, the stream is read again from an earlier or later one."""
    deliveries = data.draw(st.permutations(versioned(events)))
    batches = batches_of(deliveries[:loaded_after], 7)
    replica = Replica(asyncio.run(applied_and_loaded(facts_database, batches)))
    deliver(replica, deliveries[min(again_from, loaded_after) :])
    assert_agreement(replica.facts, oracle_of(events))
