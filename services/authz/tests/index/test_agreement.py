"""check = bulk = list = accessors = oracle, whatever happened, however it arrived."""

from agreement import assert_agreement
from deliveries import deliver, empty_replica, versioned
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from permission_oracle import Oracle
from permission_worlds import EVENTS

CALM = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
FEW = settings(CALM, max_examples=25)


def oracle_of(events):
    oracle = Oracle()
    for event in events:
        oracle.hear(event)
    return oracle


@given(EVENTS)
@CALM
def test_any_sequence(events):
    assert_agreement(deliver(empty_replica(), versioned(events)).facts, oracle_of(events))


@given(EVENTS)
@FEW
def test_after_every_single_event(events):
    replica, oracle = empty_replica(), Oracle()
    for one in versioned(events):
        replica.apply(*one)
        oracle.hear(one.event)
        assert_agreement(replica.facts, oracle)


@given(EVENTS, st.data())
@CALM
def test_any_order_and_duplicates(events, data):
    deliveries = versioned(events)
    shuffled = data.draw(st.permutations(deliveries))
    again = data.draw(st.lists(st.sampled_from(deliveries), max_size=20)) if deliveries else []
    assert_agreement(deliver(empty_replica(), [*shuffled, *again]).facts, oracle_of(events))


@given(EVENTS, st.integers(0, 60))
@CALM
def test_replay_from_any_earlier_point(events, start):
    deliveries = versioned(events)
    replica = deliver(deliver(empty_replica(), deliveries), deliveries[start:])
    assert_agreement(replica.facts, oracle_of(events))
