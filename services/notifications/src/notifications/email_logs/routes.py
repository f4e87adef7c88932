"""`/v1/email-logs/`."""

from chassis.arguments import Caller, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import get

from notifications.email_logs import queries
from notifications.email_logs.schemas import EmailLogCollection, EmailLogQuery


@get("/v1/email-logs", operation_id="listEmailLogs", permission=AUTHENTICATED, query=EmailLogQuery)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[EmailLogQuery]
) -> EmailLogCollection:
    """List what was sent and what became of it."""
    organization_id = await queries.readable_organization(runtime, principal)
    return await queries.list_(session, organization_id, parameters)


ROUTES = [list_]
