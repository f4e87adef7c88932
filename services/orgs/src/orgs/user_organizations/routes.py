"""HTTP of memberships."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, ORGANIZATION_WRITE
from jsonapi import collection, delete, document, get, post

from orgs.user_organizations import commands, queries
from orgs.user_organizations.schemas import (
    KIND,
    MembershipCollection,
    MembershipDocument,
    MembershipQuery,
    NewMembershipDocument,
)

TAGS = ["User organizations"]


@get(
    "/v1/user-organizations",
    operation_id="listUserOrganizations",
    permission=AUTHENTICATED,
    query=MembershipQuery,
    tags=TAGS,
)
async def list_(session: Session, principal: Caller, parameters: Parameters[MembershipQuery]) -> MembershipCollection:
    """List who belongs to which organization: the caller's own, and those of organizations that the caller may read."""
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


@post("/v1/user-organizations", operation_id="createUserOrganization", permission=ORGANIZATION_WRITE, tags=TAGS)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewMembershipDocument]
) -> MembershipDocument:
    """Make a person staff of an organization, as org.member. Twice changes nothing."""
    new = data.data.attributes
    await commands.create(session, principal, runtime, new)
    return document(KIND, *await queries.read(session, new.organization_id, new.user_id))


@delete(
    "/v1/user-organizations/{membership_id:uuid}",
    operation_id="deleteUserOrganization",
    permission=ORGANIZATION_WRITE,
    tags=TAGS,
)
async def delete_(session: Session, principal: Caller, membership_id: FromPath[UUID]) -> None:
    """Take a person out of an organization and its groups. Its last administrator stays (409 `last-admin`)."""
    await commands.delete(session, principal, membership_id)


ROUTES = [list_, create, delete_]
