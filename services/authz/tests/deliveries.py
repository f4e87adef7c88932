"""Events on their way to an index: with the versions that a publisher gives, in any order, as often as one likes."""

from collections import Counter
from typing import NamedTuple

from authz.base_facts.load import Snapshot
from authz.changes import AGGREGATES, CONTEXTS
from authz.index import Facts
from authz.replica import Replica


class Delivery(NamedTuple):
    kind: str
    aggregate: str
    version: int
    event: object


def versioned(events):
    """Each event with the next version of its aggregate."""
    counted = Counter()
    made = []
    for event in events:
        aggregate = f"{type(event).context}.{type(event).aggregate}"
        kind = AGGREGATES.get(aggregate, aggregate)
        counted[kind, event.aggregate_id] += 1
        made.append(Delivery(kind, event.aggregate_id, counted[kind, event.aggregate_id], event))
    return made


def empty_replica():
    return Replica(Snapshot(Facts(), dict.fromkeys(CONTEXTS, 0), {}))


def deliver(replica, deliveries):
    for one in deliveries:
        replica.apply(*one)
    return replica


def replica_of_events(*events):
    return deliver(empty_replica(), versioned(events))
