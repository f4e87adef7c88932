"""Individuals that a user may use, narrowed by the facts that the index holds."""

from pyroaring import AbstractBitMap, BitMap

from authz.authz_individuals.schemas import IndividualsQuery
from authz.index import Facts, Listed
from authz.index.check import active
from authz.index.kinds import NOTHING
from authz.index.listing import LISTERS, of_organization
from authz.index.walks import below


def individuals(facts: Facts, asked: IndividualsQuery) -> Listed:
    """The individuals that pass every filter."""
    number = active(facts, asked.user_id.lower())
    found = LISTERS["individual", asked.operation](facts, number) if number != NOTHING else BitMap()
    if asked.organization_id:
        found = found & of_organization(facts, "individual", asked.organization_id.lower())
    if asked.group_id:
        found = found & _in_groups(facts, [facts.groups.find(asked.group_id.lower())])
    if asked.leader_id:
        leader = facts.users.find(asked.leader_id.lower())
        found = found & _in_groups(facts, below(facts, facts.users.led[leader]) if leader != NOTHING else ())
    for owner in map(str.lower, asked.exclude_owner_ids):
        found = found - _owned_by(facts, owner)
    return Listed(facts, "individual", found)


def _in_groups(facts: Facts, groups: list[int] | set[int] | tuple[int, ...]) -> BitMap:
    held = [facts.groups.individuals[group] for group in groups if group >= 0 and group in facts.groups.known]
    return BitMap.union(BitMap(), *held)


def _owned_by(facts: Facts, owner: str) -> AbstractBitMap:
    """What a user or an organization owns."""
    user = facts.users.find(owner)
    owned = BitMap(facts.users.owned[user]) if user != NOTHING else BitMap()
    return owned | (of_organization(facts, "individual", owner) - facts.individuals.owned_by_users)
