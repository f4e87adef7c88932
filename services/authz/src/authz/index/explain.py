"""Why a decision is as it is: every path of facts that allows it, or what was missing.

A path leads from the user to the thing. It is found by walks of its own, not by the rules of `check`, so that the two
can be held against each other.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from authz.index import granted
from authz.index.check import SYSTEM_PREFIX
from authz.index.facts import Facts
from authz.index.grants import Grant
from authz.index.kinds import NOTHING, UNKNOWN
from authz.index.queries import AccessQuery
from authz.index.situation import Situation, present
from authz.index.walks import chain


class Step(NamedTuple):
    """One fact of a path: a subject and an object, each with type and id, and what the one is to the other."""

    fact: str
    subject: tuple[str, str]
    object: tuple[str, str]
    name: str = ""
    """The role's name, or the grant's id."""


Path = list[Step]
Paths = Callable[[Facts, int, int], Iterator[Path]]


def paths(facts: Facts, user: int, query: AccessQuery, situation: Situation | None = None) -> Iterator[Path]:
    """Every path of facts that lets a user who is not disabled do what is asked."""
    kind, identifier, operation = query
    if kind == "system" and identifier:
        yield from _system(facts, user, identifier)
    if (derive := DERIVATIONS.get((kind, operation))) is not None:
        number = facts.kinds[kind].find(identifier)
        if number != NOTHING and number in facts.kinds[kind].known:
            yield from derive(facts, user, number)
    if granted.counts(facts, query):
        now = situation or present()
        for number in facts.grants.about(*query):
            grant = facts.grants.one(number)
            if granted.allows(facts, user, grant, now):
                yield from _granted(facts, user, number, grant)


def _one(facts: Facts, kind: str, number: int) -> tuple[str, str]:
    return kind, facts.kinds[kind].ids[number]


def _step(facts: Facts, fact: str, subject: tuple[str, int], other: tuple[str, int], name: str = "") -> Step:
    return Step(fact, _one(facts, *subject), _one(facts, *other), name)


def _has_role(facts: Facts, user: int, role: int) -> Step:
    return _step(facts, "has-role", ("user", user), ("role", role), facts.roles.name[role])


def _system(facts: Facts, user: int, name: str) -> Iterator[Path]:
    wanted = SYSTEM_PREFIX + name.removeprefix(SYSTEM_PREFIX)
    for role in facts.users.roles[user]:
        if role in facts.system_roles and facts.roles.name[role] == wanted:
            yield [_has_role(facts, user, role)]


def _role_in(facts: Facts, user: int, role: int, place: int) -> Path:
    return [_has_role(facts, user, role), _step(facts, "role-of", ("role", role), ("organization", place))]


def _administers(facts: Facts, user: int, place: int) -> Iterator[Path]:
    if place >= 0 and (role := facts.organizations.admin_role[place]) in facts.users.roles[user]:
        yield _role_in(facts, user, role, place)


def _organization_read(facts: Facts, user: int, place: int) -> Iterator[Path]:
    users, here = facts.users, ("organization", place)
    if place in users.staff[user]:
        yield [_step(facts, "staff-of", ("user", user), here)]
    for role in users.roles[user]:
        if facts.roles.organization[role] == place:
            yield _role_in(facts, user, role, place)
        if role in facts.system_roles:
            yield [_has_role(facts, user, role)]
    for group in users.led[user]:
        if facts.groups.parent[group] != UNKNOWN and facts.groups.organization[group] == place:
            of = _step(facts, "belongs-to", ("group", group), here)
            yield [_step(facts, "leads", ("user", user), ("group", group)), of]


def _down(facts: Facts, groups: list[int]) -> Path:
    """From the last of a chain of groups down to its first."""
    steps = [_step(facts, "below", ("group", inner), ("group", outer)) for inner, outer in pairwise(groups)]
    return steps[::-1]


def _leads(facts: Facts, user: int, group: int) -> Iterator[Path]:
    above = chain(facts, group)
    for place, led in enumerate(above):
        if led in facts.users.led[user]:
            yield [_step(facts, "leads", ("user", user), ("group", led)), *_down(facts, above[: place + 1])]


def _member(facts: Facts, user: int, group: int) -> Iterator[Path]:
    if group in facts.users.member[user] and chain(facts, group):
        yield [_step(facts, "member-of", ("user", user), ("group", group))]


def _group_write(facts: Facts, user: int, group: int) -> Iterator[Path]:
    yield from _leads(facts, user, group)
    place = facts.groups.organization[group]
    for path in _administers(facts, user, place):
        yield [*path, _step(facts, "belongs-to", ("group", group), ("organization", place))]


def _group_read(facts: Facts, user: int, group: int) -> Iterator[Path]:
    yield from _group_write(facts, user, group)
    yield from _member(facts, user, group)


def _group_contain(facts: Facts, user: int, group: int) -> Iterator[Path]:
    for individual in facts.users.own[user]:
        for inner in facts.individuals.groups[individual]:
            if group in (above := chain(facts, inner)):
                own = _step(facts, "is", ("user", user), ("individual", individual))
                inside = _step(facts, "in-group", ("individual", individual), ("group", inner))
                yield [own, inside, *_down(facts, above[: above.index(group) + 1])[::-1]]


def _individual_write(facts: Facts, user: int, individual: int) -> Iterator[Path]:
    yield from _close(facts, user, individual)
    for group in facts.individuals.groups[individual]:
        yield from _through(facts, _leads(facts, user, group), individual, group)


def _individual_read(facts: Facts, user: int, individual: int) -> Iterator[Path]:
    yield from _individual_write(facts, user, individual)
    for group in facts.individuals.groups[individual]:
        yield from _through(facts, _member(facts, user, group), individual, group)


def _close(facts: Facts, user: int, individual: int) -> Iterator[Path]:
    table, this = facts.individuals, ("individual", individual)
    if user == table.owner[individual]:
        yield [_step(facts, "owns", ("user", user), this)]
    if user == table.user[individual]:
        yield [_step(facts, "is", ("user", user), this)]
    if table.owner[individual] == NOTHING:
        place = table.organization[individual]
        for path in _administers(facts, user, place):
            yield [*path, _step(facts, "owns", ("organization", place), this)]


def _through(facts: Facts, found: Iterator[Path], individual: int, group: int) -> Iterator[Path]:
    for path in found:
        yield [*path, _step(facts, "in-group", ("individual", individual), ("group", group))]


def _granted(facts: Facts, user: int, number: int, grant: Grant) -> Iterator[Path]:
    subject = "group" if grant.subject_kind == "participants" else grant.subject_kind
    thing = (grant.kind, f"{grant.resource}:{grant.operation}")
    last = Step("granted", _one(facts, subject, grant.subject), thing, facts.grants.ids[number])
    match grant.subject_kind:
        case "user":
            yield [last]
        case "role":
            yield [_has_role(facts, user, grant.subject), last]
        case "participants":
            yield from ([*path, last] for path in _group_contain(facts, user, grant.subject))
        case "group":
            for fact, row in (("leads", facts.users.led[user]), ("member-of", facts.users.member[user])):
                if grant.subject in row:
                    yield [_step(facts, fact, ("user", user), ("group", grant.subject)), last]


DERIVATIONS: dict[tuple[str, str], Paths] = {
    ("organization", "read"): _organization_read,
    ("organization", "write"): _administers,
    ("group", "read"): _group_read,
    ("group", "write"): _group_write,
    ("group", "contain"): _group_contain,
    ("individual", "read"): _individual_read,
    ("individual", "write"): _individual_write,
}
