"""`/v1/email-logs/`."""

from typing import Any

from chassis.arguments import Caller, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, PUBLIC
from jsonapi import get, post
from litestar import Request

from notifications.email_logs import queries, reports, sns
from notifications.email_logs.schemas import EmailLogCollection, EmailLogQuery


@get("/v1/email-logs", operation_id="listEmailLogs", permission=AUTHENTICATED, query=EmailLogQuery)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[EmailLogQuery]
) -> EmailLogCollection:
    """List what was sent and what became of it."""
    organization_id = await queries.readable_organization(runtime, principal)
    return await queries.list_(session, organization_id, parameters)


@post("/v1/email-logs/reports", operation_id="reportEmail", permission=PUBLIC, tags=["Email logs"])
async def report(session: Session, runtime: Process, request: Request[Any, Any, Any]) -> dict[str, str]:
    """Take in what Amazon SES reports through SNS: deliveries, bounces, complaints.

    The message has to be signed (SignatureVersion 2), of a topic in MUSTER_SNS_TOPICS, and no older than a day. The
    same message again changes nothing.
    """
    message = await sns.received(session, runtime, await request.body())
    if message is not None and message.type == "SubscriptionConfirmation":
        await sns.confirm(runtime, message)
    elif message is not None and message.type == "Notification":
        await reports.take_in(session, message.message)
    return {}


ROUTES = [list_, report]
