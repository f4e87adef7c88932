"""Who sees which changes: services and the operator's staff all, admins those of their organizations."""

from chassis.principal import Principal
from kernel import Forbidden

from authz.authz_changes.notices import Notice
from authz.index.check import active
from authz.index.facts import Facts
from authz.index.kinds import NOTHING
from authz.index.listing import administered
from authz.index.people import organizations_of


def places_of(facts: Facts, principal: Principal) -> set[int] | None:
    """The organizations whose changes the caller sees; None for all. Raises Forbidden for who sees none."""
    if principal.service is not None or principal.is_support:
        return None
    asker = active(facts, str(principal.user_id))
    places = administered(facts, asker) if asker != NOTHING else set[int]()
    if not places:
        raise Forbidden("Only services, the operator's staff and administrators of an organization see changes.")
    return places


def sees(facts: Facts, places: set[int] | None, notice: Notice) -> bool:
    """Whether a change is of one of these organizations, or without one about a person of theirs."""
    if places is None:
        return True
    if notice.organization_id is not None:
        return facts.organizations.find(str(notice.organization_id)) in places
    users = (facts.users.find(one.id) for one in notice.subjects if one.type == "user")
    return any(user != NOTHING and not places.isdisjoint(organizations_of(facts, user)) for user in users)
