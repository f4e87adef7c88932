"""HTTP of the leaders of a group."""

from chassis.arguments import Caller, Parameters, Process
from contracts.permissions import GROUP_READ
from jsonapi import collection, get

from orgs.individual_group_leaders import queries
from orgs.individual_group_leaders.schemas import KIND, GroupLeaderCollection, GroupLeaderQuery


@get(
    "/v1/individual-group-leaders",
    operation_id="listIndividualGroupLeaders",
    permission=GROUP_READ,
    scope="group:read",
    query=GroupLeaderQuery,
    tags=["Individual groups"],
)
async def list_(runtime: Process, principal: Caller, parameters: Parameters[GroupLeaderQuery]) -> GroupLeaderCollection:
    """List the leaders of a group, page by page."""
    return collection(KIND, await queries.list_(runtime, principal, parameters), lambda row: row)


ROUTES = [list_]
