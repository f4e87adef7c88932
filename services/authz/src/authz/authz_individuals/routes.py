"""`/v1/authz-individuals`."""

from typing import Any

from chassis.arguments import Caller, Parameters, Process
from contracts.permissions import AUTHENTICATED
from jsonapi import get
from litestar import Request, Response

from authz.answers import fresh, page_of_ids, require_may_ask
from authz.authz_get_accessible_resources.schemas import AccessibleAnswer
from authz.authz_individuals.queries import individuals
from authz.authz_individuals.schemas import IndividualsQuery


@get("/v1/authz-individuals", operation_id="listAuthzIndividuals", permission=AUTHENTICATED, query=IndividualsQuery)
async def list_(
    request: Request[Any, Any, Any], runtime: Process, principal: Caller, parameters: Parameters[IndividualsQuery]
) -> Response[AccessibleAnswer]:
    """List the individuals that a user may read or write, narrowed by organization, group, leader and owner.

    `filter[group-id]` keeps those who are in that very group, `filter[group-members-with-leader-id]` those in groups
    that the user leads and in groups below them.
    """
    replica = await fresh(runtime, request)
    require_may_ask(replica.facts, principal, (parameters.user_id.lower(),))
    found = individuals(replica.facts, parameters)
    return page_of_ids(replica, found, parameters.limit, parameters.offset, 200)


ROUTES = [list_]
