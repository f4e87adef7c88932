"""`/v1/access-grants`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Session
from contracts.permissions import AUTHENTICATED, ORGANIZATION_WRITE
from jsonapi import collection, delete, document, get, patch, post

from authz.access_grants import commands, queries
from authz.access_grants.access import grant_to_read
from authz.access_grants.schemas import (
    KIND,
    AccessGrantCollection,
    AccessGrantDocument,
    AccessGrantsQuery,
    ChangeAccessGrantDocument,
    NewAccessGrantDocument,
)
from authz.answers import Asked, fresh


@get("/v1/access-grants", operation_id="listAccessGrants", permission=AUTHENTICATED, query=AccessGrantsQuery)
async def list_(
    session: Session, principal: Caller, parameters: Parameters[AccessGrantsQuery]
) -> AccessGrantCollection:
    """List grants: of the organizations that the caller administers, or of `organization-id` alone.

    Services and the operator's staff see every grant. `filter[expired]` keeps those that still count, or no more.
    """
    found = await queries.page_of_grants(session, principal, parameters)
    return collection(KIND, found, queries.presented)


@post("/v1/access-grants", operation_id="createAccessGrant", permission=ORGANIZATION_WRITE)
async def create(
    request: Asked, session: Session, principal: Caller, data: JSONBody[NewAccessGrantDocument]
) -> AccessGrantDocument:
    """Let a user, the users of a role, or the people of a group do one thing to one resource, beyond the rules.

    `subject-type` group means the group's own leaders and members, `participants` the people whose individual is in
    the group or below it. A grant gives exactly its operation and reaches nothing below its resource. Grants only
    allow: several add up. One with `expires-at` stops counting at that moment.

    `condition` is one expression of CEL that must be true: of `subject`, `resource`, `action`, `context` (what the
    caller of a check gives) and `now`. It may not loop and has at most 1,000 characters.

    Services and the operator grant anything. Administrators grant on their organization, its groups, the individuals
    that it owns, and on the things of applications whose id begins with the organization's id.
    """
    facts = (await fresh(request)).facts
    grant = await commands.create(session, principal, facts, data.data.attributes)
    return document(KIND, *queries.presented(grant))


@get("/v1/access-grants/{grant_id:uuid}", operation_id="readAccessGrant", permission=AUTHENTICATED)
async def read(session: Session, principal: Caller, grant_id: FromPath[UUID]) -> AccessGrantDocument:
    """Read a grant of an organization that the caller administers."""
    return document(KIND, *queries.presented(await grant_to_read(session, principal, grant_id)))


@patch("/v1/access-grants/{grant_id:uuid}", operation_id="updateAccessGrant", permission=ORGANIZATION_WRITE)
async def update(
    session: Session, principal: Caller, grant_id: FromPath[UUID], data: JSONBody[ChangeAccessGrantDocument]
) -> AccessGrantDocument:
    """Change when a grant expires, or its condition; null takes either away."""
    grant = await commands.update(session, principal, grant_id, data.attributes_for(grant_id))
    return document(KIND, *queries.presented(grant))


@delete("/v1/access-grants/{grant_id:uuid}", operation_id="deleteAccessGrant", permission=ORGANIZATION_WRITE)
async def delete_(session: Session, principal: Caller, grant_id: FromPath[UUID]) -> None:
    """Take a grant back."""
    await commands.delete(session, principal, grant_id)


ROUTES = [list_, create, read, update, delete_]
