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
from permission_worlds import EVENTS, OPERATIONS, THINGS, USERS
from sql_oracle import allowed_by_sql
from wire import entries

CALM = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=30)
EMPTY = """
TRUNCATE applied_positions, applied_aggregates, users, organizations, organization_staff, individuals, groups,
    group_people, role_users, access_grants, individual_attributes, outbox, aggregate_versions, quarantined_events;
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


GRANT = """
INSERT INTO access_grants (id, organization_id, subject_type, subject_id, resource_type, resource_id, operation,
    expires_at, condition) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
ROLE = "INSERT INTO roles (id, name, display_name, organization_id) VALUES ($1, $2, '', $3) ON CONFLICT DO NOTHING"


async def write_own(connection, oracle):
    """Roles and grants, which this service's operations write, as they stand in the end."""
    for role, fact in oracle.roles.items():
        await connection.execute(ROLE, role, *fact)
    for pair in oracle.role_users:
        await connection.execute("INSERT INTO role_users (role_id, user_id) VALUES ($1, $2)", *pair)
    for one in oracle.grants.values():
        subject = (one.subject_type, one.subject_id)
        thing = (one.resource_type, one.resource_id, one.operation)
        whole = (one.access_grant_id, one.organization_id, *subject, *thing, one.expires_at, one.condition)
        await connection.execute(GRANT, *whole)


async def applied_loaded_and_asked(url, batches, oracle):
    """What an empty database gives after these batches, and beside it roles and grants: the index, and SQL's answer."""
    await applied_and_loaded(url, batches)
    connection = await asyncpg.connect(url)
    try:
        await write_own(connection, oracle)
        return (await load(connection)).facts, await allowed_by_sql(connection, USERS)
    finally:
        await connection.close()


def allowed_by(oracle):
    return {
        (user, kind, str(thing), operation)
        for kind, operations in OPERATIONS.items()
        for operation in operations
        for thing in THINGS[kind]
        for user in USERS
        if oracle.allows(user, kind, thing, operation)
    }


@given(EVENTS, st.integers(1, 12))
@CALM
def test_sql_says_the_same(facts_database, events, size):
    """Roles and grants are written as they stand in the end; staff that come by event would get roles of their own."""
    told = [event for event in events if type(event).__name__ != "OrganizationUserAdded"]
    oracle = oracle_of(told)
    batches = batches_of(versioned(without_roles(told)), size)
    facts, allowed = asyncio.run(applied_loaded_and_asked(facts_database, batches, oracle))
    assert allowed == allowed_by(oracle)
    assert_agreement(facts, oracle)


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
