"""Walks through the forest of groups. Each takes at most 16 steps upwards; a chain that has no end grants nothing.

A group counts while its chain of parents ends at a root within 16 groups. A parent that is not known, a cycle and a
17th level break the chain, and nobody reaches the groups on it as leader or member until it is mended: what went wrong
upstream is denied rather than guessed.
"""

from collections.abc import Container, Iterable

from authz.index.facts import Facts
from authz.index.kinds import NOTHING

DEEPEST = 16
LEVELS = range(DEEPEST)


def chain(facts: Facts, group: int) -> list[int]:
    """The group and those above it, up to its root; empty where the group does not count."""
    parent = facts.groups.parent
    found: list[int] = []
    for _ in LEVELS:
        if group < 0:
            break
        found.append(group)
        group = parent[group]
    return found if group == NOTHING else []


def leads(facts: Facts, user: int, group: int) -> bool:
    """Whether the user leads the group or one above it."""
    led = facts.users.led[user]
    return bool(led) and is_below(facts, group, led)


def is_below(facts: Facts, group: int, tops: Container[int]) -> bool:
    """Whether the group or one above it is among `tops`, and the group counts."""
    parent = facts.groups.parent
    found = False
    for _ in LEVELS:
        if group in tops:
            found = True
        group = parent[group]
        if group < 0:
            return found and group == NOTHING
    return False


def is_member(facts: Facts, user: int, group: int) -> bool:
    """Whether the user is a member of this very group, and the group counts."""
    return group in facts.users.member[user] and bool(chain(facts, group))


def contains(facts: Facts, user: int, group: int) -> bool:
    """A user whose individual is in the group or in one below it."""
    for individual in facts.users.own[user]:
        if any(_stands_below(facts, inner, group) for inner in facts.individuals.groups[individual]):
            return True
    return False


def _stands_below(facts: Facts, inner: int, outer: int) -> bool:
    """Whether `outer` is `inner` or above it, and both count."""
    parent, found, group = facts.groups.parent, False, inner
    for _ in LEVELS:
        found = found or group == outer
        group = parent[group]
        if group < 0:
            return found and group == NOTHING
    return False


def below(facts: Facts, tops: Iterable[int]) -> set[int]:
    """The groups of `tops` that count and every group under them."""
    children = facts.groups.children
    found: set[int] = set()
    for top in tops:
        level = [top]
        for _ in range(DEEPEST - len(above) + 1 if (above := chain(facts, top)) else 0):
            level = [group for group in level if group not in found]
            found.update(level)
            level = [child for group in level for child in children[group]]
    return found
