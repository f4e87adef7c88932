"""What was missing where a decision is no."""

from collections.abc import Iterator
from typing import NamedTuple

from authz.index import granted
from authz.index.explain import DERIVATIONS
from authz.index.facts import Facts
from authz.index.grants import Grant, grantable
from authz.index.kinds import NOTHING
from authz.index.queries import OBJECTS, AccessQuery
from authz.index.situation import Situation, present
from authz.index.walks import chain

MOST_GRANTS = 10

LEADS = "leads the group or one above it"
ADMIN = "is org.admin of the organization"
CONTAINED = "is the user of an individual in the group or in one below it"
CLOSE = ("owns the individual", "is the individual's own user", "is org.admin of the organization that owns it")
HOLDING = "leads a group that holds the individual, or one above it"
NEEDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("organization", "read"): (
        "is staff of the organization",
        "has a role in the organization",
        "leads a group of the organization",
        "has a system role",
    ),
    ("organization", "write"): (ADMIN,),
    ("group", "read"): (LEADS, ADMIN, "is a member of the group"),
    ("group", "write"): (LEADS, ADMIN),
    ("group", "contain"): (CONTAINED,),
    ("individual", "read"): (*CLOSE, HOLDING, "is a member of a group that holds the individual"),
    ("individual", "write"): (*CLOSE, HOLDING),
}
"""For each rule the facts of which one would be enough."""
ROLE = "has the system role of that name"
GRANT = "has a grant of the operation on it, itself or by a role or group"


class Missing(NamedTuple):
    """Something that stands in the way, or would be enough; `grant` is the id of a grant that does not count."""

    reason: str
    detail: str
    grant: str | None = None


def of_user(facts: Facts, user: str) -> list[Missing]:
    """What stands in the way of anything that this user would do."""
    number = facts.users.find(user)
    if number == NOTHING:
        return [Missing("unknown-user", "The user is not known.")]
    if number in facts.users.disabled:
        return [Missing("disabled-user", "The user is disabled or archived.")]
    return []


def of_query(
    facts: Facts, user: int, query: AccessQuery, situation: Situation | None, *, detailed: bool
) -> list[Missing]:
    """What a denied query lacks. `detailed` says also what is the matter with the thing itself and with grants."""
    kind, _, operation = query
    if kind not in OBJECTS and kind != "system" and not grantable(kind):
        return [Missing("unknown-type", f"There is no type {kind}.")]
    if kind in OBJECTS and (kind, operation) not in DERIVATIONS:
        return [Missing("unknown-operation", f"There is no operation {operation} on a thing of the type {kind}.")]
    found = list(_about_thing(facts, query)) if detailed else []
    if detailed and granted.counts(facts, query):
        found += list(_about_grants(facts, user, query, situation or present()))
    needs = (ROLE,) if kind == "system" else (*NEEDS.get((kind, operation), ()), GRANT)
    return [*found, *(Missing("no-fact", f"One of these is enough: the user {need}.") for need in needs)]


def _about_thing(facts: Facts, query: AccessQuery) -> Iterator[Missing]:
    kind, identifier, _ = query
    if kind not in OBJECTS:
        return
    table = facts.kinds[kind]
    if (number := table.find(identifier)) == NOTHING or number not in table.known:
        yield Missing("unknown-resource", f"The {kind} is not known, or no more.")
        return
    groups = [number] if kind == "group" else facts.individuals.groups[number] if kind == "individual" else []
    for group in groups:
        if not chain(facts, group):
            broken = facts.groups.ids[group]
            yield Missing("broken-chain", f"The parents of the group {broken} do not end at a root within 16 levels.")


def _about_grants(facts: Facts, user: int, query: AccessQuery, situation: Situation) -> Iterator[Missing]:
    about = facts.grants.about(*query)
    mine = [number for number in about if granted.is_for(facts, user, facts.grants.one(number))]
    for number in mine[:MOST_GRANTS]:
        yield Missing(*_problem(facts.grants.one(number), situation), facts.grants.ids[number])


def _problem(grant: Grant, situation: Situation) -> tuple[str, str]:
    if grant.expires_at <= situation.now:
        return "grant-expired", "The grant has expired."
    return "condition-false", "The condition of the grant is not true."
