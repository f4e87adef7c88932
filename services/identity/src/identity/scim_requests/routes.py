"""`/v1/scim-requests/`: what an organization's directory has asked for, and how it was answered."""

from chassis.arguments import Caller, Parameters, Session
from contracts.permissions import ORGANIZATION_WRITE
from jsonapi import collection, get

from identity.scim_requests import queries
from identity.scim_requests.schemas import KIND, ScimRequestCollection, ScimRequestsQuery


@get("/v1/scim-requests", operation_id="listScimRequests", permission=ORGANIZATION_WRITE, query=ScimRequestsQuery)
async def list_(
    session: Session, principal: Caller, parameters: Parameters[ScimRequestsQuery]
) -> ScimRequestCollection:
    """List the requests of the last 30 days, the newest first, to find out why people or groups do not arrive."""
    rows = await queries.list_(session, principal, parameters)
    return collection(KIND, rows, lambda row: (row.id, queries.attributes(row)))


ROUTES = [list_]
