"""HTTP of what anybody may know of a sign-up code."""

from chassis.arguments import FromPath, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import document, get

from orgs.organization_code_info import queries
from orgs.organization_code_info.schemas import KIND, CodeInfoDocument

TAGS = ["Organization codes"]


@get("/v1/organization-code-info/{code:str}", operation_id="readOrganizationCodeInfo", permission=PUBLIC, tags=TAGS)
async def read(session: Session, runtime: Process, code: FromPath[str]) -> CodeInfoDocument:
    """Read an organization's public face by a code that can be used now."""
    return document(KIND, code, await queries.read(session, runtime, code))


ROUTES = [read]
