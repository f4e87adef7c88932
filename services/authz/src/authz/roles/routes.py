"""`/v1/roles`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, ORGANIZATION_WRITE
from jsonapi import collection, delete, document, get, post

from authz.roles import commands, queries
from authz.roles.access import role_to_read
from authz.roles.schemas import NewRoleDocument, PersonDocument, RoleCollection, RoleDocument, RolesQuery


@get("/v1/roles", operation_id="listRoles", permission=AUTHENTICATED, query=RolesQuery)
async def list_(session: Session, principal: Caller, parameters: Parameters[RolesQuery]) -> RoleCollection:
    """List roles: of the organizations whose staff the caller is, or of `organization-id` alone.

    Services and the operator's staff see every role, those of the system among them.
    """
    return collection("roles", await queries.page_of_roles(session, principal, parameters), lambda row: row)


@post("/v1/roles", operation_id="createRole", permission=ORGANIZATION_WRITE)
async def create(session: Session, principal: Caller, data: JSONBody[NewRoleDocument]) -> RoleDocument:
    """Make a role in an organization. Its id follows from the organization and the name."""
    role = await commands.create(session, principal, data.data.attributes)
    return document("roles", role.id, await queries.attributes_of(session, role))


@get("/v1/roles/{role_id:uuid}", operation_id="readRole", permission=AUTHENTICATED)
async def read(session: Session, principal: Caller, role_id: FromPath[UUID]) -> RoleDocument:
    """Read a role: for staff of its organization, the operator's staff and services."""
    role = await role_to_read(session, principal, role_id)
    return document("roles", role.id, await queries.attributes_of(session, role))


@delete("/v1/roles/{role_id:uuid}", operation_id="deleteRole", permission=ORGANIZATION_WRITE)
async def delete_(session: Session, principal: Caller, role_id: FromPath[UUID]) -> None:
    """Delete a role that the organization made, and the grants for it. Nobody may have it any more."""
    await commands.delete(session, principal, role_id)


@post(
    "/v1/roles/{role_id:uuid}/add-user",
    operation_id="addUserToRole",
    permission=ORGANIZATION_WRITE,
    deprecated=True,
)
async def add_user(
    session: Session, principal: Caller, runtime: Process, role_id: FromPath[UUID], data: JSONBody[PersonDocument]
) -> None:
    """Let a person, by id or e-mail, have a role; doing it twice changes nothing. Use role-users instead."""
    await commands.add_user(session, principal, runtime, role_id, data.data.attributes)


@post("/v1/roles/{role_id:uuid}/remove-user", operation_id="removeUserFromRole", permission=ORGANIZATION_WRITE)
async def remove_user(
    session: Session, principal: Caller, runtime: Process, role_id: FromPath[UUID], data: JSONBody[PersonDocument]
) -> None:
    """Take a role from a person. The last administrator of an organization keeps theirs."""
    await commands.remove_user(session, principal, runtime, role_id, data.data.attributes)


ROUTES = [list_, create, read, delete_, add_user, remove_user]
