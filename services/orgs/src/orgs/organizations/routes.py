"""HTTP of organizations."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import ORGANIZATION_READ, ORGANIZATION_WRITE, SUPPORT
from jsonapi import collection, document, get, patch, post

from orgs.organizations import commands, queries
from orgs.organizations.schemas import (
    KIND,
    AddUserDocument,
    ChangeOrganizationDocument,
    NewOrganizationDocument,
    OrganizationCollection,
    OrganizationDocument,
    OrganizationQuery,
    RemoveUserDocument,
)

TAGS = ["Organizations"]


@get(
    "/v1/organizations",
    operation_id="listOrganizations",
    permission=ORGANIZATION_READ,
    query=OrganizationQuery,
    tags=TAGS,
)
async def list_(
    session: Session, principal: Caller, parameters: Parameters[OrganizationQuery]
) -> OrganizationCollection:
    """List the organizations whose staff the caller belongs to; the operator's staff see all."""
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


@post("/v1/organizations", operation_id="createOrganization", permission=SUPPORT, tags=TAGS)
async def create(session: Session, principal: Caller, data: JSONBody[NewOrganizationDocument]) -> OrganizationDocument:
    """Make an organization; the caller becomes its first administrator."""
    return document(KIND, *await commands.create(session, principal, data.data.attributes))


@get(
    "/v1/organizations/{organization_id:uuid}", operation_id="readOrganization", permission=ORGANIZATION_READ, tags=TAGS
)
async def read(runtime: Process, principal: Caller, organization_id: FromPath[UUID]) -> OrganizationDocument:
    """Read an organization."""
    return document(KIND, organization_id, await queries.read(runtime, principal, organization_id))


@patch(
    "/v1/organizations/{organization_id:uuid}",
    operation_id="updateOrganization",
    permission=ORGANIZATION_WRITE,
    tags=TAGS,
)
async def update(
    session: Session, principal: Caller, organization_id: FromPath[UUID], data: JSONBody[ChangeOrganizationDocument]
) -> OrganizationDocument:
    """Change an organization."""
    changes = data.attributes_for(organization_id)
    return document(KIND, organization_id, await commands.update(session, principal, organization_id, changes))


@post(
    "/v1/organizations/{organization_id:uuid}/add-user",
    operation_id="addOrganizationUser",
    permission=ORGANIZATION_WRITE,
    tags=TAGS,
)
async def add_user(
    session: Session,
    principal: Caller,
    runtime: Process,
    organization_id: FromPath[UUID],
    data: JSONBody[AddUserDocument],
) -> None:
    """Make a person staff, by id or e-mail, with a role (org.member unless another is named)."""
    await commands.add_user(session, principal, runtime, organization_id, data.data.attributes)


@post(
    "/v1/organizations/{organization_id:uuid}/remove-user",
    operation_id="removeOrganizationUser",
    permission=ORGANIZATION_WRITE,
    tags=TAGS,
)
async def remove_user(
    session: Session,
    principal: Caller,
    runtime: Process,
    organization_id: FromPath[UUID],
    data: JSONBody[RemoveUserDocument],
) -> None:
    """Take a person out of the organization. Its last administrator stays."""
    await commands.remove_user(session, principal, runtime, organization_id, data.data.attributes)


ROUTES = [list_, create, read, update, add_user, remove_user]
