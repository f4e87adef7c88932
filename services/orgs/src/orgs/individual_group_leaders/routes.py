"""HTTP of the leaders of a group."""

from chassis.arguments import Caller, Parameters, Session
from contracts.permissions import GROUP_READ
from jsonapi import collection, get

from orgs.individual_group_leaders import queries
from orgs.individual_group_leaders.schemas import KIND, GroupLeaderCollection, GroupLeaderQuery


@get(
    "/v1/individual-group-leaders",
    operation_id="listIndividualGroupLeaders",
    permission=GROUP_READ,
    query=GroupLeaderQuery,
    tags=["Individual groups"],
)
async def list_(session: Session, principal: Caller, parameters: Parameters[GroupLeaderQuery]) -> GroupLeaderCollection:
    """List the leaders of a group, page by page."""
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


ROUTES = [list_]
