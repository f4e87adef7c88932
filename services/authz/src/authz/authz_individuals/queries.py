"""Individuals that a user may use, narrowed by what the index holds and by attributes in the database.

What has few values is a bitmap in memory: organization, group, leader, owner, what is verified, account type. The rest
is searched in the database, by whichever side is shorter: the candidates' ids go along while they are few, otherwise
the database says who matches and the bitmaps keep whom of them the user may use.
"""

from collections.abc import Iterable
from datetime import date

from pyroaring import AbstractBitMap, BitMap
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from authz.authz_individuals.schemas import IndividualsQuery
from authz.index import Facts, Listed, listed
from authz.index.check import active
from authz.index.kinds import FLAGS, NOTHING
from authz.index.listing import of_organization
from authz.index.walks import below
from authz.individual_attributes.queries import FEW, SEARCHED, matching

ACCOUNT_TYPES = {"provider": True, "patient": False}


async def individuals(facts: Facts, asked: IndividualsQuery, reads: async_sessionmaker[AsyncSession]) -> Listed:
    """The individuals that pass every filter. `reads` opens a session, where attributes have to be looked up."""
    number = active(facts, asked.user_id.lower())
    found: AbstractBitMap = listed(facts, number, "individual", asked.operation) if number != NOTHING else BitMap()
    found = _by_attributes(facts, _by_facts(facts, found, asked), asked)
    wanted = {name: value for name in SEARCHED if (value := getattr(asked, name)) is not None}
    if wanted and found:
        async with reads() as session:
            found = await _searched(session, facts, found, wanted)
    return Listed(facts, "individual", found)


async def _searched(
    session: AsyncSession, facts: Facts, found: AbstractBitMap, wanted: dict[str, str | date]
) -> AbstractBitMap:
    ids = facts.individuals.ids
    candidates = [ids[number] for number in found] if len(found) <= FEW else None
    numbers = map(facts.individuals.find, await matching(session, wanted, candidates))
    return found & BitMap([number for number in numbers if number != NOTHING])


def _by_facts(facts: Facts, found: AbstractBitMap, asked: IndividualsQuery) -> AbstractBitMap:
    if asked.organization_id:
        found = found & of_organization(facts, "individual", asked.organization_id.lower())
    if asked.group_id:
        found = found & _in_groups(facts, [facts.groups.find(asked.group_id.lower())])
    if asked.leader_id:
        leader = facts.users.find(asked.leader_id.lower())
        found = found & _in_groups(facts, below(facts, facts.users.led[leader]) if leader != NOTHING else ())
    for owner in map(str.lower, asked.exclude_owner_ids):
        found = found - _owned_by(facts, owner)
    return found


def _by_attributes(facts: Facts, found: AbstractBitMap, asked: IndividualsQuery) -> AbstractBitMap:
    wanted = {name: getattr(asked, name) for name in FLAGS if name != "provider"}
    if asked.account_type is not None:
        if asked.account_type not in ACCOUNT_TYPES:
            return BitMap()
        wanted["provider"] = ACCOUNT_TYPES[asked.account_type]
    for name, value in wanted.items():
        if value is not None:
            flagged = facts.individuals.flags[name]
            found = found & flagged if value else found - flagged
    return found


def _in_groups(facts: Facts, groups: Iterable[int]) -> BitMap:
    held = [facts.groups.individuals[group] for group in groups if group >= 0 and group in facts.groups.known]
    return BitMap.union(BitMap(), *held)


def _owned_by(facts: Facts, owner: str) -> AbstractBitMap:
    """What a user or an organization owns."""
    user = facts.users.find(owner)
    owned = BitMap(facts.users.owned[user]) if user != NOTHING else BitMap()
    return owned | (of_organization(facts, "individual", owner) - facts.individuals.owned_by_users)
