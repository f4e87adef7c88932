"""`/v1/authz-get-accessible-resources`."""

from chassis.arguments import JSONBody
from contracts.permissions import AUTHENTICATED
from jsonapi import post

from authz.answers import Asked, Written, asking, fresh, page_of_ids, require_may_ask
from authz.authz_get_accessible_resources.schemas import AccessibleAnswer, AccessibleRequest
from authz.index import accessible, described, parse_all


@post("/v1/authz-get-accessible-resources", operation_id="createAuthzGetAccessibleResources", permission=AUTHENTICATED)
async def create(request: Asked, data: JSONBody[AccessibleRequest]) -> Written[AccessibleAnswer]:
    """List the resources for which a user is allowed all of the queries, complete and with their exact number.

    A query with an empty id (`individual::read`) asks for every resource of its type, one with an id for that resource
    alone; queries about another type are conditions. Ids come in ascending order, which for new resources is the order
    of their making. `organization-id` keeps those that belong to the organization. Things of
    applications (`app.*`) are those that grants name, there those granted in the organization.
    """
    replica = await fresh(request)
    user = data.user_id.lower()
    require_may_ask(replica.facts, asking(request), (user,))
    queries = parse_all(data.access_query, "/access-query")
    place = data.organization_id.lower() if data.organization_id else None
    situation = described("/context", context=data.context) if data.context else None
    found = accessible(replica.facts, user, queries, place, situation)
    return page_of_ids(replica, found, data.limit, data.offset, 201)


ROUTES = [create]
