"""Which things may this user do that to? Complete sets, as roaring bitmaps of dense numbers."""

from bisect import bisect_right
from collections.abc import Callable, Iterable

import msgspec
import numpy as np
from pyroaring import AbstractBitMap, BitMap

from authz.index import granted
from authz.index.check import active, allows_one, is_admin, is_system_staff, system_role_names
from authz.index.facts import Facts
from authz.index.grants import grantable
from authz.index.ids import Numbers
from authz.index.kinds import NOTHING
from authz.index.queries import OBJECTS, AccessQuery
from authz.index.situation import Situation
from authz.index.walks import below, chain

Lister = Callable[[Facts, int], BitMap]


def administered(facts: Facts, user: int) -> set[int]:
    """The organizations whose org.admin the user is."""
    places = {facts.roles.organization[role] for role in facts.users.roles[user]}
    return {place for place in places if is_admin(facts, user, place)}


def organizations_read(facts: Facts, user: int) -> BitMap:
    """Where the user is staff; every organization for the operator's staff."""
    known = facts.organizations.known
    if is_system_staff(facts, user):
        return BitMap(known)
    users = facts.users
    found = BitMap(users.staff[user])
    found.update(_real(facts.roles.organization[role] for role in users.roles[user]))
    found.update(_real(facts.groups.organization[group] for group in users.led[user]))
    return found & known


def organizations_write(facts: Facts, user: int) -> BitMap:
    """Where the user is org.admin."""
    return BitMap(administered(facts, user)) & facts.organizations.known


def groups_write(facts: Facts, user: int) -> BitMap:
    """Led groups and all below them; every group of administered organizations."""
    found = BitMap(below(facts, facts.users.led[user]))
    return _with_all(found, (facts.organizations.groups[place] for place in administered(facts, user)))


def groups_read(facts: Facts, user: int) -> BitMap:
    """Those to write to, and those that the user is a member of."""
    return groups_write(facts, user) | BitMap(_memberships(facts, user))


def groups_contain(facts: Facts, user: int) -> BitMap:
    """The groups of the user's individuals and all above them."""
    inner = [group for individual in facts.users.own[user] for group in facts.individuals.groups[individual]]
    return BitMap([group for each in inner for group in chain(facts, each)])


def individuals_write(facts: Facts, user: int) -> BitMap:
    """Owned ones, the user's own, those of led groups and below, those that administered organizations own."""
    found = BitMap()
    for place in administered(facts, user):
        found |= facts.organizations.individuals[place]
    found -= facts.individuals.owned_by_users
    found.update(facts.users.owned[user])
    found.update(facts.users.own[user])
    held = (facts.groups.individuals[group] for group in below(facts, facts.users.led[user]))
    return _with_all(found, held) & facts.individuals.known


def individuals_read(facts: Facts, user: int) -> BitMap:
    """Those to write to, and those of the groups that the user is a member of."""
    held = (facts.groups.individuals[group] for group in _memberships(facts, user))
    return _with_all(individuals_write(facts, user), held) & facts.individuals.known


LISTERS: dict[tuple[str, str], Lister] = {
    ("organization", "read"): organizations_read,
    ("organization", "write"): organizations_write,
    ("group", "read"): groups_read,
    ("group", "write"): groups_write,
    ("group", "contain"): groups_contain,
    ("individual", "read"): individuals_read,
    ("individual", "write"): individuals_write,
}


class Listed:
    """The things that a list found: the numbers of one kind, or names where the kind is no object of ours."""

    def __init__(self, facts: Facts, kind: str, numbers: AbstractBitMap, names: Iterable[str] = ()) -> None:
        """`names` stand beside `numbers`; one of the two is empty."""
        self._kind = facts.kinds.get(kind)
        self._numbers = numbers
        self._names = sorted(names)
        self.total = len(numbers) + len(self._names)

    def page(self, limit: int, offset: int) -> list[str]:
        """The ids from `offset` on, at most `limit`, in the order of their text."""
        if self._kind is None:
            return self._names[offset : offset + limit]
        return [self._kind.ids[number] for number in self._part(limit, offset).tolist()]

    def written(self, limit: int, offset: int) -> bytes:
        """A page as the items of a JSON array; no text is made for each id."""
        if self._kind is None:
            return msgspec.json.encode(self._names[offset : offset + limit])[1:-1]
        return self._kind.ids.fragments(self._part(limit, offset))

    def after(self, identifier: str, limit: int) -> list[str]:
        """The ids that come after `identifier` in the order of their text, at most `limit`.

        Neither a thing that came nor one that went meanwhile moves the others.
        """
        if self._kind is None:
            return self._names[bisect_right(self._names, identifier) :][:limit]
        ids = self._kind.ids
        if ids.ascending:
            passed = bisect_right(ids, identifier)
            first = self._numbers.rank(passed - 1) if passed else 0
            return [ids[number] for number in self._numbers[first : first + limit]]
        found = self._in_order()
        place = bisect_right(found, identifier, key=ids.__getitem__)
        return [ids[number] for number in found[place : place + limit].tolist()]

    def _part(self, limit: int, offset: int) -> Numbers:
        """Numbers follow the order of the ids while ids come in ascending; otherwise all are sorted for the page."""
        if self._kind is None or self._kind.ids.ascending:
            return _array(self._numbers[offset : offset + limit])
        return self._in_order()[offset : offset + limit]

    def _in_order(self) -> Numbers:
        numbers = _array(self._numbers)
        return numbers if self._kind is None else self._kind.ids.in_order(numbers)


def accessible(
    facts: Facts,
    user: str,
    queries: list[AccessQuery],
    organization: str | None = None,
    situation: Situation | None = None,
) -> Listed:
    """The things of one kind for which the user is allowed all queries.

    A query with an empty id asks for every accessible thing, one with an id for that thing alone. The kind is that of
    the first query with an empty id, or else of the first query; queries about other kinds are conditions.
    """
    asked = next((query for query in queries if not query.identifier), queries[0]).kind
    number = active(facts, user)
    nothing = Listed(facts, asked, BitMap())
    if number == NOTHING:
        return nothing
    conditions = [query for query in queries if query.kind != asked]
    if not all(allows_one(facts, number, query, situation) for query in conditions):
        return nothing
    own = [query for query in queries if query.kind == asked]
    if asked == "system":
        return Listed(facts, asked, BitMap(), _system_names(facts, number, own))
    if grantable(asked) and asked not in OBJECTS:
        named = [_names(facts, number, query, organization, situation) for query in own]
        return Listed(facts, asked, BitMap(), set.intersection(*named))
    if asked not in OBJECTS:
        return nothing
    found = BitMap.intersection(*(_things(facts, number, query, situation) for query in own))
    return Listed(facts, asked, found if organization is None else found & of_organization(facts, asked, organization))


def listed(facts: Facts, user: int, kind: str, operation: str, situation: Situation | None = None) -> BitMap:
    """All of the platform's own things of a kind that a user who is not disabled may do this to."""
    lister = LISTERS.get((kind, operation))
    found = lister(facts, user) if lister else BitMap()
    if not facts.grants.none:
        table = facts.kinds[kind]
        numbers = (table.find(thing) for thing in granted.things(facts, user, kind, operation, situation))
        found.update([number for number in numbers if number != NOTHING and number in table.known])
    return found


def of_organization(facts: Facts, kind: str, organization: str) -> AbstractBitMap:
    """The things of a kind that belong to an organization."""
    number = facts.organizations.find(organization)
    if number == NOTHING:
        return BitMap()
    places = facts.organizations
    held = {"organization": BitMap((number,)), "group": places.groups[number], "individual": places.individuals[number]}
    return held[kind]


def _things(facts: Facts, user: int, query: AccessQuery, situation: Situation | None) -> BitMap:
    if query.identifier:
        number = facts.kinds[query.kind].find(query.identifier)
        return BitMap((number,)) if allows_one(facts, user, query, situation) else BitMap()
    return listed(facts, user, query.kind, query.operation, situation)


def _names(
    facts: Facts, user: int, query: AccessQuery, organization: str | None, situation: Situation | None
) -> set[str]:
    found = granted.things(facts, user, query.kind, query.operation, situation, organization)
    return found & {query.identifier} if query.identifier else found


def _system_names(facts: Facts, user: int, queries: list[AccessQuery]) -> set[str]:
    found = system_role_names(facts, user)
    for query in queries:
        if query.identifier:
            found &= {query.identifier.removeprefix("system.")}
    return found


def _memberships(facts: Facts, user: int) -> list[int]:
    return [group for group in facts.users.member[user] if chain(facts, group)]


def _with_all(found: BitMap, held: Iterable[AbstractBitMap]) -> BitMap:
    return BitMap.union(found, *held)


def _real(numbers: Iterable[int]) -> list[int]:
    return [number for number in numbers if number >= 0]


def _array(numbers: AbstractBitMap) -> Numbers:
    return np.frombuffer(numbers.to_array(), np.uint32).astype(np.int32)
