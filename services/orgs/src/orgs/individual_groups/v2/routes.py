"""HTTP of groups, second version: never any people."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, Parameters, Process, Session
from contracts.permissions import GROUP_READ
from jsonapi import collection, document, get

from orgs.individual_groups import queries
from orgs.individual_groups.schemas import KIND, GroupCollection, GroupDocument, GroupListQuery, PlainReadQuery

TAGS = ["Individual groups"]


@get(
    "/v2/individual-groups",
    operation_id="listIndividualGroupsV2",
    permission=GROUP_READ,
    scope="group:read",
    query=GroupListQuery,
    tags=TAGS,
)
async def list_(runtime: Process, principal: Caller, parameters: Parameters[GroupListQuery]) -> GroupCollection:
    """List the groups that the caller may read, in the order in which they were made."""
    return collection(KIND, await queries.list_(runtime, principal, parameters), lambda row: row)


@get(
    "/v2/individual-groups/{group_id:uuid}",
    operation_id="readIndividualGroupV2",
    permission=GROUP_READ,
    scope="group:read",
    query=PlainReadQuery,
    tags=TAGS,
)
async def read(
    session: Session, principal: Caller, group_id: FromPath[UUID], parameters: Parameters[PlainReadQuery]
) -> GroupDocument:
    """Read a group. An inactive one only where it is asked for."""
    inactive = parameters.include_inactive
    return document(KIND, group_id, await queries.read(session, principal, group_id, inactive=inactive))


ROUTES = [list_, read]
