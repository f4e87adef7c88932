"""HTTP of exports."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import ORGANIZATION_WRITE
from jsonapi import collection, document, get, post
from jsonapi import delete as delete_route

from orgs.exports import commands, queries
from orgs.exports.schemas import KIND, ExportCollection, ExportDocument, ExportQuery, NewExportDocument

TAGS = ["Imports and exports"]
EXPORT = "/v1/exports/{export_id:uuid}"


@get("/v1/exports", operation_id="listExports", permission=ORGANIZATION_WRITE, query=ExportQuery, tags=TAGS)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[ExportQuery]
) -> ExportCollection:
    """List the exports of an organization, oldest first."""
    return collection(KIND, await queries.list_(session, principal, runtime, parameters), lambda row: row)


@post("/v1/exports", operation_id="createExport", permission=ORGANIZATION_WRITE, tags=TAGS)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewExportDocument]
) -> ExportDocument:
    """Export an organization's people or groups to CSV files of at most 100,000 rows each, as imports take them.

    The files are made in the background, hold one moment, and are removed after a day.
    """
    identifier = await commands.create(session, principal, data.data.attributes)
    return document(KIND, identifier, await queries.read(session, principal, runtime, identifier))


@get(EXPORT, operation_id="readExport", permission=ORGANIZATION_WRITE, tags=TAGS)
async def read(session: Session, principal: Caller, runtime: Process, export_id: FromPath[UUID]) -> ExportDocument:
    """Read how far an export is, and where its files are."""
    return document(KIND, export_id, await queries.read(session, principal, runtime, export_id))


@delete_route(EXPORT, operation_id="deleteExport", permission=ORGANIZATION_WRITE, tags=TAGS)
async def delete(session: Session, principal: Caller, runtime: Process, export_id: FromPath[UUID]) -> None:
    """Remove an export's files before they expire."""
    await commands.delete(session, principal, runtime, export_id)


ROUTES = [list_, create, read, delete]
