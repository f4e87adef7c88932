"""`/v1/authz-individuals`."""

from chassis.arguments import Parameters
from chassis.runtime import runtime_of
from contracts.permissions import AUTHENTICATED
from jsonapi import get

from authz.answers import Asked, Written, asking, fresh, page_of_ids, require_may_ask
from authz.authz_get_accessible_resources.schemas import AccessibleAnswer
from authz.authz_individuals.queries import individuals
from authz.authz_individuals.schemas import IndividualsQuery


@get("/v1/authz-individuals", operation_id="listAuthzIndividuals", permission=AUTHENTICATED, query=IndividualsQuery)
async def list_(request: Asked, parameters: Parameters[IndividualsQuery]) -> Written[AccessibleAnswer]:
    """List the individuals that a user may read or write, narrowed by organization, group, leader, owner, attributes.

    `filter[group-id]` keeps those who are in that very group, `filter[group-members-with-leader-id]` those in groups
    that the user leads and in groups below them. Names, e-mail and phone are compared as a whole, whatever their case;
    `filter[account-type]` is provider where the individual's own user is staff of its organization, else patient. All
    filters must hold, and the total is exact. A changed attribute counts a moment later than a changed permission.
    """
    replica = await fresh(request)
    require_may_ask(replica.facts, asking(request), (parameters.user_id.lower(),))
    found = await individuals(replica.facts, parameters, runtime_of(request).reads)
    return page_of_ids(replica, found, parameters.limit, parameters.offset, 200)


ROUTES = [list_]
