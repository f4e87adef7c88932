"""`/api/v5/uploads/…`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, Process, Session
from chassis.objects import disposition
from contracts.permissions import COHORT_READ
from jsonapi import get
from litestar.response import Stream

from artifacts import actors
from artifacts.uploads import queries

PATH = "/api/v5/uploads"
READ = "cohort:read"
TAGS = ["Uploads (v5)"]


@get(f"{PATH}/{{upload_id:uuid}}", operation_id="readUpload", permission=COHORT_READ, scope=READ, tags=TAGS)
async def read(session: Session, principal: Caller, runtime: Process, upload_id: FromPath[UUID]) -> Stream:
    """Download a file that an export made; it is there for a day, for the organization's staff.

    An API key needs `person:read`, too, for a file of profiles.
    """
    upload = await queries.one(session, await actors.staff(session, principal), upload_id)
    queries.demand_scope(upload, principal)
    headers = {
        "cache-control": "private, no-store",
        "content-disposition": disposition(upload.file_name),
        "content-security-policy": "sandbox",
        "x-content-type-options": "nosniff",
    }
    return Stream(await runtime.objects.stream(upload.key), media_type=upload.content_type, headers=headers)


ROUTES = [read]
