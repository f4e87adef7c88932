"""`/v1/role-users`."""

from typing import Literal

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, ORGANIZATION_WRITE
from jsonapi import NumberedCollection, NumberedDocument, NumberedResource, PageMeta, delete, get, post

from authz.role_users import commands, queries
from authz.role_users.queries import RoleUserRow
from authz.role_users.schemas import (
    NewRoleUserDocument,
    RoleSummary,
    RoleUserAttributes,
    RoleUserCollection,
    RoleUserDocument,
    RoleUsersQuery,
    UserSummary,
)


@get("/v1/role-users", operation_id="listRoleUsers", permission=AUTHENTICATED, query=RoleUsersQuery)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[RoleUsersQuery]
) -> RoleUserCollection:
    """List who has a role: for staff of its organization, the operator's staff and services.

    The fixed ids of org.admin and org.member stand for those of the caller's current organization.
    """
    found = await queries.page_of_users(session, principal, runtime, parameters)
    meta = PageMeta(found.page.limit, found.page.offset, found.total)
    return NumberedCollection([_resource(row) for row in found.rows], meta)


@post("/v1/role-users", operation_id="createRoleUser", permission=ORGANIZATION_WRITE)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewRoleUserDocument]
) -> RoleUserDocument:
    """Let a person, by id or e-mail, have a role; doing it twice changes nothing.

    Administrators give their organization's roles, the operator every role.
    """
    return NumberedDocument(_resource(await commands.create(session, principal, runtime, data.data.attributes)))


@delete("/v1/role-users/{number:int}", operation_id="deleteRoleUser", permission=ORGANIZATION_WRITE)
async def delete_(session: Session, principal: Caller, number: FromPath[int]) -> None:
    """Take a role from a person. The last administrator of an organization keeps theirs."""
    await commands.delete(session, principal, number)


def _resource(row: RoleUserRow) -> NumberedResource[Literal["role-users"], RoleUserAttributes]:
    attributes = RoleUserAttributes(RoleSummary(row.role.id, row.role.name), UserSummary(row.user_id, row.email))
    return NumberedResource(row.number, "role-users", attributes)


ROUTES = [list_, create, delete_]
