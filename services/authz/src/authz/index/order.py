"""The order of one aggregate's events: twice is once, and late is as if in time.

An event that comes before its predecessors is applied at once, because it may take a right away; when a predecessor
comes after all, it is applied and everything later of the aggregate again after it. Each event sets facts of its own,
so the result is that of the right order.
"""

from contracts.event import Event

PATIENCE = 256
"""How many early events of one aggregate are kept; beyond, the missing ones are given up."""

Early = dict[int, Event | None]
"""Events by version that came before one that is still missing. None stands for an event without facts."""


def take(known: int, early: Early, version: int, event: Event | None) -> tuple[int, list[Event]]:
    """What to apply now, in order, and the version up to which nothing is missing.

    `known` is that version so far. `early` is changed in place.
    """
    if version <= known or version in early:
        return known, []
    early[version] = event
    due = [one for at in sorted(early) if at >= version and (one := early[at]) is not None]
    if len(early) > PATIENCE:
        known = min(early) - 1
    while known + 1 in early:
        known += 1
        del early[known]
    return known, due
