"""To which organizations a person belongs."""

from authz.index.facts import Facts


def organizations_of(facts: Facts, user: int) -> set[int]:
    """The organizations that a user belongs to, as staff or as one of its individuals."""
    users = facts.users
    places = {facts.roles.organization[role] for role in users.roles[user]}
    places |= {facts.groups.organization[group] for group in (*users.led[user], *users.member[user])}
    places |= {facts.individuals.organization[individual] for individual in users.own[user]}
    return {place for place in (*places, *users.staff[user]) if place >= 0}
