"""Who may do that to this thing? The other direction of the same rules, as roaring bitmaps of users' numbers."""

from collections.abc import Callable, Iterable

from pyroaring import AbstractBitMap, BitMap

from authz.index import granted
from authz.index.check import SYSTEM_PREFIX
from authz.index.facts import Facts
from authz.index.kinds import NOTHING
from authz.index.listing import Listed
from authz.index.queries import AccessQuery
from authz.index.situation import Situation
from authz.index.walks import chain

Reverse = Callable[[Facts, int], BitMap]


def admins(facts: Facts, organization: int) -> AbstractBitMap:
    """The org.admins of an organization."""
    role = facts.organizations.admin_role[organization] if organization >= 0 else NOTHING
    return facts.roles.users[role] if role != NOTHING else BitMap()


def staff(facts: Facts, organization: int) -> BitMap:
    """Who is staff: added to the organization, with a role in it, or leading one of its groups."""
    places = facts.organizations
    roles = (facts.roles.users[role] for role in places.roles[organization])
    leaders = (facts.groups.leaders[group] for group in places.groups[organization])
    return BitMap.union(BitMap(places.staff[organization]), *roles, *leaders)


def participants(facts: Facts, organization: int) -> BitMap:
    """The own logins of an organization's individuals."""
    logins = (facts.individuals.user[number] for number in facts.organizations.individuals[organization])
    return BitMap([login for login in logins if login != NOTHING])


def _organization_read(facts: Facts, organization: int) -> BitMap:
    return staff(facts, organization).union(*(facts.roles.users[role] for role in facts.system_roles))


def _organization_write(facts: Facts, organization: int) -> BitMap:
    return BitMap(admins(facts, organization))


def _group_write(facts: Facts, group: int) -> BitMap:
    leaders = (facts.groups.leaders[above] for above in chain(facts, group))
    return BitMap.union(BitMap(admins(facts, facts.groups.organization[group])), *leaders)


def _group_read(facts: Facts, group: int) -> BitMap:
    found = _group_write(facts, group)
    return found | facts.groups.members[group] if chain(facts, group) else found


def _individual_write(facts: Facts, individual: int) -> BitMap:
    table = facts.individuals
    found = BitMap([one for one in (table.owner[individual], table.user[individual]) if one != NOTHING])
    if table.owner[individual] == NOTHING:
        found |= admins(facts, table.organization[individual])
    above = {group for inner in table.groups[individual] for group in chain(facts, inner)}
    return BitMap.union(found, *(facts.groups.leaders[group] for group in above))


def _individual_read(facts: Facts, individual: int) -> BitMap:
    inside = (group for group in facts.individuals.groups[individual] if chain(facts, group))
    return BitMap.union(_individual_write(facts, individual), *(facts.groups.members[group] for group in inside))


REVERSES: dict[tuple[str, str], Reverse] = {
    ("organization", "read"): _organization_read,
    ("organization", "write"): _organization_write,
    ("group", "read"): _group_read,
    ("group", "write"): _group_write,
    ("group", "contain"): granted.participants,
    ("individual", "read"): _individual_read,
    ("individual", "write"): _individual_write,
}


def accessors(
    facts: Facts,
    queries: Iterable[AccessQuery],
    organization: str | None = None,
    situation: Situation | None = None,
) -> Listed:
    """The users who are allowed at least one of the queries, each about one thing; disabled ones left out.

    With `organization` only those who belong to it: staff, and the logins of its individuals.
    """
    found = BitMap()
    for query in queries:
        if query.kind == "system":
            found |= _system(facts, query.identifier)
        elif granted.counts(facts, query):
            if (reverse := REVERSES.get((query.kind, query.operation))) is not None:
                found |= reverse(facts, facts.kinds[query.kind].find(query.identifier))
            found |= granted.users(facts, query, situation)
    found -= facts.users.disabled
    if organization is not None:
        place = facts.organizations.find(organization)
        found &= staff(facts, place) | participants(facts, place) if place != NOTHING else BitMap()
    return Listed(facts, "user", found)


def _system(facts: Facts, name: str) -> BitMap:
    wanted = SYSTEM_PREFIX + name.removeprefix(SYSTEM_PREFIX)
    roles = (role for role in facts.system_roles if facts.roles.name[role] == wanted)
    return BitMap.union(BitMap(), *(facts.roles.users[role] for role in roles))
