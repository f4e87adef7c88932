"""HTTP of the individuals of a group."""

from chassis.arguments import Caller, Parameters, Process
from contracts.permissions import GROUP_READ
from jsonapi import collection, get

from orgs.individual_group_individuals import queries
from orgs.individual_group_individuals.schemas import KIND, GroupIndividualCollection, GroupIndividualQuery


@get(
    "/v1/individual-group-individuals",
    operation_id="listIndividualGroupIndividuals",
    permission=GROUP_READ,
    scope="group:read",
    query=GroupIndividualQuery,
    tags=["Individual groups"],
)
async def list_(
    runtime: Process, principal: Caller, parameters: Parameters[GroupIndividualQuery]
) -> GroupIndividualCollection:
    """List the individuals of a group, page by page."""
    return collection(KIND, await queries.list_(runtime, principal, parameters), lambda row: row)


ROUTES = [list_]
