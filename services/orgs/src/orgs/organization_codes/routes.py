"""HTTP of organization codes."""

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Session
from contracts.permissions import ORGANIZATION_READ, ORGANIZATION_WRITE
from jsonapi import collection, delete, document, get, patch, post

from orgs.organization_codes import commands, queries
from orgs.organization_codes.schemas import (
    KIND,
    USERS_KIND,
    ChangeCodeDocument,
    CodeCollection,
    CodeDocument,
    CodeQuery,
    CodeUserCollection,
    CodeUserQuery,
    NewCodeDocument,
)

TAGS = ["Organization codes"]
PATH = "/v1/organization-codes"


@get(PATH, operation_id="listOrganizationCodes", permission=ORGANIZATION_READ, query=CodeQuery, tags=TAGS)
async def list_(session: Session, principal: Caller, parameters: Parameters[CodeQuery]) -> CodeCollection:
    """List the sign-up codes of the caller's organizations."""
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


@post(PATH, operation_id="createOrganizationCode", permission=ORGANIZATION_WRITE, tags=TAGS)
async def create(session: Session, principal: Caller, data: JSONBody[NewCodeDocument]) -> CodeDocument:
    """Make a sign-up code, with a group that people come to, an expiry and an enrollment JSON Schema."""
    code = await commands.create(session, principal, data.data.attributes)
    return document(KIND, code, await queries.read(session, principal, code))


@get(f"{PATH}/{{code:str}}", operation_id="readOrganizationCode", permission=ORGANIZATION_READ, tags=TAGS)
async def read(session: Session, principal: Caller, code: FromPath[str]) -> CodeDocument:
    """Read a sign-up code."""
    return document(KIND, code, await queries.read(session, principal, code))


@patch(f"{PATH}/{{code:str}}", operation_id="updateOrganizationCode", permission=ORGANIZATION_WRITE, tags=TAGS)
async def update(
    session: Session, principal: Caller, code: FromPath[str], data: JSONBody[ChangeCodeDocument]
) -> CodeDocument:
    """Change a sign-up code's group, expiry or enrollment schema."""
    await commands.update(session, principal, code, data.attributes_for(code))
    return document(KIND, code, await queries.read(session, principal, code))


@delete(f"{PATH}/{{code:str}}", operation_id="deleteOrganizationCode", permission=ORGANIZATION_WRITE, tags=TAGS)
async def delete_(session: Session, principal: Caller, code: FromPath[str]) -> None:
    """Remove a sign-up code by which nobody has come; 409 `in-use` otherwise."""
    await commands.delete(session, principal, code)


@get(
    f"{PATH}/{{code:str}}/users",
    operation_id="listOrganizationCodeUsers",
    permission=ORGANIZATION_WRITE,
    query=CodeUserQuery,
    tags=TAGS,
)
async def users(
    session: Session, principal: Caller, code: FromPath[str], parameters: Parameters[CodeUserQuery]
) -> CodeUserCollection:
    """List those who came by a code, for the organization's administrators."""
    return collection(USERS_KIND, await queries.users(session, principal, code, parameters), lambda row: row)


ROUTES = [list_, create, read, update, delete_, users]
