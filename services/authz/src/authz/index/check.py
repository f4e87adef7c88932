"""May this user do that to this one thing? One function a rule; a rule that is not here denies."""

from collections.abc import Callable, Iterable

from authz.index import granted
from authz.index.facts import Facts
from authz.index.kinds import NOTHING, UNKNOWN
from authz.index.queries import AccessQuery
from authz.index.situation import Situation
from authz.index.walks import chain, contains, is_below, is_member, leads

SYSTEM_PREFIX = "system."

Rule = Callable[[Facts, int, int], bool]
"""Takes the user's and the thing's numbers; the thing is known and the user is not disabled."""


def is_admin(facts: Facts, user: int, organization: int) -> bool:
    """Whether the user has the organization's role org.admin."""
    return organization >= 0 and facts.organizations.admin_role[organization] in facts.users.roles[user]


def is_system_staff(facts: Facts, user: int) -> bool:
    """Whether the user has any system role."""
    return any(role in facts.system_roles for role in facts.users.roles[user])


def leads_in(facts: Facts, user: int, organization: int) -> bool:
    """Whether the user leads a group of the organization."""
    groups = facts.groups
    return any(
        groups.organization[group] == organization for group in facts.users.led[user] if groups.parent[group] != UNKNOWN
    )


def is_staff(facts: Facts, user: int, organization: int) -> bool:
    """Whether the user belongs to the organization's staff: added to it, with a role in it, or leading a group."""
    users = facts.users
    return (
        organization in users.staff[user]
        or any(facts.roles.organization[role] == organization for role in users.roles[user])
        or leads_in(facts, user, organization)
    )


def organization_read(facts: Facts, user: int, organization: int) -> bool:
    """Its staff and the operator's staff."""
    return is_staff(facts, user, organization) or is_system_staff(facts, user)


def group_write(facts: Facts, user: int, group: int) -> bool:
    """Its leaders, leaders above, the organization's admins."""
    return leads(facts, user, group) or is_admin(facts, user, facts.groups.organization[group])


def group_read(facts: Facts, user: int, group: int) -> bool:
    """Whoever may write, and its own members."""
    return group_write(facts, user, group) or is_member(facts, user, group)


def individual_write(facts: Facts, user: int, individual: int) -> bool:
    """The owner, its own login, leaders of its groups and above, admins of the owning organization."""
    table = facts.individuals
    owner = table.owner[individual]
    if user in (owner, table.user[individual]):
        return True
    if owner == NOTHING and is_admin(facts, user, table.organization[individual]):
        return True
    if led := facts.users.led[user]:
        for group in table.groups[individual]:
            if is_below(facts, group, led):
                return True
    return False


def individual_read(facts: Facts, user: int, individual: int) -> bool:
    """Whoever may write, and members of its groups."""
    if individual_write(facts, user, individual):
        return True
    if member := facts.users.member[user]:
        for group in facts.individuals.groups[individual]:
            if group in member and chain(facts, group):
                return True
    return False


RULES: dict[tuple[str, str], Rule] = {
    ("organization", "read"): organization_read,
    ("organization", "write"): is_admin,
    ("group", "read"): group_read,
    ("group", "write"): group_write,
    ("group", "contain"): contains,
    ("individual", "read"): individual_read,
    ("individual", "write"): individual_write,
}

Prepared = tuple[Rule, int]
"""A rule and the number of what it is asked about: `rule(facts, user, number)`, for a user who is not disabled."""


def denied(_facts: Facts, _user: int, _number: int) -> bool:
    """What is unknown is denied."""
    return False


def prepare(facts: Facts, query: AccessQuery, situation: Situation | None = None) -> Prepared:
    """What decides a query for one user after another. Without a `situation`: now, and nothing said of the request."""
    rule, number = prepare_by_rules(facts, query)
    if facts.grants.about(*query) and granted.counts(facts, query):
        return granting(rule, query, situation), number
    return rule, number


def granting(rule: Rule, query: AccessQuery, situation: Situation | None) -> Rule:
    """A rule, and beyond it the grants about the thing."""

    def decide(facts: Facts, user: int, number: int) -> bool:
        return rule(facts, user, number) or granted.is_granted(facts, user, query, situation)

    return decide


def prepare_by_rules(facts: Facts, query: AccessQuery) -> Prepared:
    """What decides a query by the rules alone."""
    kind, identifier, operation = query
    if (rule := RULES.get((kind, operation))) is not None:
        table = facts.kinds[kind]
        number = table.find(identifier)
        return (rule, number) if number != NOTHING and number in table.known else (denied, NOTHING)
    if kind == "system" and identifier:
        return _system_rule(identifier.removeprefix(SYSTEM_PREFIX)), NOTHING
    return denied, NOTHING


def _system_rule(name: str) -> Rule:
    return lambda facts, user, _: name in system_role_names(facts, user)


def system_role_names(facts: Facts, user: int) -> set[str]:
    """The user's system roles without their prefix: `admin`, `support`."""
    return {
        facts.roles.name[role].removeprefix(SYSTEM_PREFIX)
        for role in facts.users.roles[user]
        if role in facts.system_roles
    }


def active(facts: Facts, user: str) -> int:
    """The number of a user who may be allowed something; NOTHING for an unknown or disabled one."""
    number = facts.users.find(user)
    return NOTHING if number == NOTHING or number in facts.users.disabled else number


def allows(facts: Facts, user: str, queries: Iterable[AccessQuery], situation: Situation | None = None) -> bool:
    """Whether the user may do all that is asked."""
    number = active(facts, user)
    if number == NOTHING:
        return False
    for query in queries:  # noqa: SIM110 a generator would cost as much as a decision
        if not allows_one(facts, number, query, situation):
            return False
    return True


def allows_one(facts: Facts, user: int, query: AccessQuery, situation: Situation | None = None) -> bool:
    """Whether a user who is not disabled may do what one query asks."""
    rule, number = prepare(facts, query, situation)
    return rule(facts, user, number)
