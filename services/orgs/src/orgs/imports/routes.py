"""HTTP of imports."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, Parameters, Session
from contracts.permissions import ORGANIZATION_WRITE
from jsonapi import collection, document, get, post

from orgs.imports import commands, queries
from orgs.imports.commands import LARGEST_FILE
from orgs.imports.schemas import KIND, ImportCollection, ImportDocument, ImportQuery, NewImportQuery
from orgs.sheets.bodies import CSVBody, CSVContent

TAGS = ["Imports and exports"]


@get("/v1/imports", operation_id="listImports", permission=ORGANIZATION_WRITE, query=ImportQuery, tags=TAGS)
async def list_(session: Session, principal: Caller, parameters: Parameters[ImportQuery]) -> ImportCollection:
    """List the imports of an organization, oldest first."""
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


@post(
    "/v1/imports",
    operation_id="createImport",
    permission=ORGANIZATION_WRITE,
    query=NewImportQuery,
    dto=CSVBody,
    request_max_body_size=LARGEST_FILE,
    tags=TAGS,
)
async def create(
    session: Session, principal: Caller, parameters: Parameters[NewImportQuery], data: CSVContent
) -> ImportDocument:
    """Import people or groups from a CSV file in UTF-8, at most 100,000 rows and 32 MiB.

    People: key, first-name, last-name, preferred-name, birth-date, email, phone, tz, groups (keys parted by
    semicolons). Groups: key, name, parent-key, node-type, type, tags, is-active. A key is the id of what exists, or a
    name of one's own: the same file again changes nothing. A column that is there is the truth for its rows; one that
    is not there changes nothing; nothing is removed. The file is checked whole before anything is written.
    """
    identifier = await commands.create(session, principal, parameters, data)
    return document(KIND, identifier, await queries.read(session, principal, identifier))


@get("/v1/imports/{import_id:uuid}", operation_id="readImport", permission=ORGANIZATION_WRITE, tags=TAGS)
async def read(session: Session, principal: Caller, import_id: FromPath[UUID]) -> ImportDocument:
    """Read how far an import is, and what is wrong with its file."""
    return document(KIND, import_id, await queries.read(session, principal, import_id))


ROUTES = [list_, create, read]
