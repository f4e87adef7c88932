"""HTTP of the record of groups."""

from chassis.arguments import Caller, Parameters, Process
from contracts.permissions import GROUP_READ
from jsonapi import collection, get

from orgs.individual_group_logs import queries
from orgs.individual_group_logs.schemas import KIND, LogCollection, LogQuery


@get(
    "/v1/individual-group-logs",
    operation_id="listIndividualGroupLogs",
    permission=GROUP_READ,
    scope="group:read",
    query=LogQuery,
    tags=["Individual groups"],
)
async def list_(runtime: Process, principal: Caller, parameters: Parameters[LogQuery]) -> LogCollection:
    """List who was added to groups and removed from them, by whom and when; oldest first."""
    return collection(KIND, await queries.list_(runtime, principal, parameters), lambda row: row)


ROUTES = [list_]
