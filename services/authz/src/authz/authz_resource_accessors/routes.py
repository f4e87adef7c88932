"""`/v1/authz-resource-accessors`."""

from chassis.arguments import Parameters
from contracts.permissions import AUTHENTICATED
from jsonapi import get

from authz.answers import Asked, Written, asking, fresh, page_of_resources, require_place
from authz.authz_resource_accessors.schemas import AccessorsAnswer, AccessorsQuery
from authz.index import AccessQuery, accessors


@get(
    "/v1/authz-resource-accessors",
    operation_id="listAuthzResourceAccessors",
    permission=AUTHENTICATED,
    query=AccessorsQuery,
)
async def list_(request: Asked, parameters: Parameters[AccessorsQuery]) -> Written[AccessorsAnswer]:
    """List the users who may do something to at least one of up to 50 resources; disabled users are left out.

    With `organization-id` only the people of that organization. Services and the operator's staff may ask freely, an
    org.admin with the organization named.
    """
    replica = await fresh(request)
    require_place(replica.facts, asking(request), parameters.organization_id)
    kind, operation = parameters.resource_type, parameters.operation
    queries = [AccessQuery(kind, identifier.lower(), operation) for identifier in parameters.resource_id]
    place = parameters.organization_id.lower() if parameters.organization_id else None
    found = accessors(replica.facts, queries, place)
    return page_of_resources(replica, found, parameters.limit, parameters.offset)


ROUTES = [list_]
