"""What grants add to the rules, asked from either side."""

from collections.abc import Iterable

from pyroaring import BitMap

from authz.index.facts import Facts
from authz.index.grants import Grant, grantable
from authz.index.kinds import NOTHING
from authz.index.queries import OBJECTS, AccessQuery
from authz.index.situation import Situation, present
from authz.index.walks import below, chain, contains


def counts(facts: Facts, query: AccessQuery) -> bool:
    """Whether grants about the thing count: it is an application's, or one of ours that is known."""
    if query.kind not in OBJECTS:
        return grantable(query.kind)
    table = facts.kinds[query.kind]
    return (number := table.find(query.identifier)) != NOTHING and number in table.known


def is_granted(facts: Facts, user: int, query: AccessQuery, situation: Situation | None) -> bool:
    """Whether a grant lets the user do this to a thing whose grants count."""
    now = situation or present()
    rows = facts.grants.about(*query)
    return any(allows(facts, user, facts.grants.one(number), now) for number in rows)


def allows(facts: Facts, user: int, grant: Grant, situation: Situation) -> bool:
    """Whether this grant lets the user do what it names, now."""
    return grant.expires_at > situation.now and is_for(facts, user, grant) and holds(facts, user, grant, situation)


def is_for(facts: Facts, user: int, grant: Grant) -> bool:
    """Whether the user is whom the grant is for."""
    match grant.subject_kind:
        case "user":
            return grant.subject == user
        case "role":
            return grant.subject in facts.users.roles[user]
        case "group":
            users, group = facts.users, grant.subject
            return (group in users.led[user] or group in users.member[user]) and bool(chain(facts, group))
        case "participants":
            return contains(facts, user, grant.subject)


def holds(facts: Facts, user: int, grant: Grant, situation: Situation) -> bool:
    """Whether the grant's condition is true for the user."""
    if grant.condition is None:
        return True
    told = situation.variables(facts.users.ids[user], grant.kind, grant.resource, grant.operation)
    return grant.condition.holds(told)


def of_user(facts: Facts, user: int) -> Iterable[Grant]:
    """The grants that are for the user, expired ones and those whose condition does not hold among them."""
    grants, users = facts.grants, facts.users
    if grants.none:
        return
    rows = [grants.of("user", user)]
    rows += [grants.of("role", role) for role in users.roles[user]]
    rows += [grants.of("group", group) for group in {*users.led[user], *users.member[user]} if chain(facts, group)]
    inside = {inner for individual in users.own[user] for inner in facts.individuals.groups[individual]}
    above = {group for inner in inside for group in chain(facts, inner)}
    rows += [grants.of("participants", group) for group in above]
    for row in rows:
        yield from map(grants.one, row)


def things(
    facts: Facts,
    user: int,
    kind: str,
    operation: str,
    situation: Situation | None,
    organization: str | None = None,
) -> set[str]:
    """The ids of a kind's things that grants let the user do this to; `organization` keeps what was granted there."""
    now = situation or present()
    found = (grant for grant in of_user(facts, user) if (grant.kind, grant.operation) == (kind, operation))
    return {
        grant.resource
        for grant in found
        if grant.expires_at > now.now and organization in (None, grant.organization) and holds(facts, user, grant, now)
    }


def users(facts: Facts, query: AccessQuery, situation: Situation | None) -> BitMap:
    """The users whom grants let do this to a thing whose grants count, disabled ones among them."""
    now = situation or present()
    found = BitMap()
    for grant in map(facts.grants.one, facts.grants.about(*query)):
        if grant.expires_at <= now.now:
            continue
        subjects = subjects_of(facts, grant)
        if grant.condition is None:
            found |= subjects
        elif grant.condition.about_subject:
            found.update([user for user in subjects if holds(facts, user, grant, now)])
        elif subjects and holds(facts, subjects[0], grant, now):
            found |= subjects
    return found


def subjects_of(facts: Facts, grant: Grant) -> BitMap:
    """The users whom a grant is for."""
    match grant.subject_kind:
        case "user":
            return BitMap((grant.subject,))
        case "role":
            return BitMap(facts.roles.users[grant.subject])
        case "group":
            staff = facts.groups.leaders[grant.subject] | facts.groups.members[grant.subject]
            return BitMap(staff) if chain(facts, grant.subject) else BitMap()
        case "participants":
            return participants(facts, grant.subject)


def participants(facts: Facts, group: int) -> BitMap:
    """The users whose individual is in the group or in one below it."""
    inside = BitMap.union(BitMap(), *(facts.groups.individuals[inner] for inner in below(facts, (group,))))
    logins = (facts.individuals.user[number] for number in inside)
    return BitMap([login for login in logins if login != NOTHING])
