"""`/v1/audit-events/`: who did what to whom."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, document, get
from litestar.response import Stream

from identity.audit_events import exports, queries
from identity.audit_events.schemas import (
    KIND,
    AuditEventCollection,
    AuditEventDocument,
    AuditEventsQuery,
    ExportQuery,
)

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}


@get("/v1/audit-events", operation_id="listAuditEvents", permission=AUTHENTICATED, query=AuditEventsQuery)
async def list_(session: Session, principal: Caller, parameters: Parameters[AuditEventsQuery]) -> AuditEventCollection:
    """List who did what: sign-ins and failures, credentials, roles, invitations, impersonation, exports.

    The operator reads all, administrators of an organization what happened there.
    """
    found = await queries.list_(session, principal, parameters)
    return collection(KIND, found, lambda row: (row.id, queries.attributes(row)))


@get("/v1/audit-events/{event_id:uuid}", operation_id="readAuditEvent", permission=AUTHENTICATED)
async def read(session: Session, principal: Caller, event_id: FromPath[UUID]) -> AuditEventDocument:
    """Read one act."""
    row = await queries.read(session, principal, event_id)
    return document(KIND, row.id, queries.attributes(row))


@get("/v1/audit-events/export", operation_id="exportAuditEvents", permission=AUTHENTICATED, query=ExportQuery)
async def export(session: Session, runtime: Process, principal: Caller, parameters: Parameters[ExportQuery]) -> Stream:
    """Take the acts that match as a file, CSV or one JSON object a line, the oldest first. The export is noted, too.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    pieces = await exports.export(runtime, session, principal, parameters)
    headers = {"content-disposition": f'attachment; filename="audit-events.{parameters.format}"'}
    return Stream(pieces, media_type=MEDIA_TYPES[parameters.format], headers=headers)


ROUTES = [list_, read, export]
