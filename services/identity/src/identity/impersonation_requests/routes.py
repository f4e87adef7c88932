"""`/v1/impersonation-requests/`: the operator's staff act as a user to help them."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, SUPPORT
from jsonapi import collection, document, get, post
from litestar import Response

from identity.impersonation_requests import commands, queries
from identity.impersonation_requests.schemas import (
    KIND,
    Impersonate,
    NewRequest,
    RequestCollection,
    RequestDocument,
    RequestsQuery,
)
from identity.sessions.schemas import SignedIn
from identity.throttling.callers import AnyRequest

PATH = "/v1/impersonation-requests"
ONE = f"{PATH}/{{request_id:uuid}}"


@get(PATH, operation_id="listImpersonationRequests", permission=AUTHENTICATED, query=RequestsQuery)
async def list_(session: Session, principal: Caller, parameters: Parameters[RequestsQuery]) -> RequestCollection:
    """List requests to act as a user: about oneself or people whom one administers, for the operator's staff all."""
    found = await queries.list_(session, principal, parameters)
    known = await queries.addresses(session, found.rows)
    return collection(KIND, found, lambda row: (row.id, queries.attributes(row, known)))


@post(PATH, operation_id="createImpersonationRequest", permission=SUPPORT, in_person=True)
async def create(session: Session, runtime: Process, principal: Caller, data: JSONBody[NewRequest]) -> RequestDocument:
    """Ask to act as a user, with a reason that the user reads. It waits 24 hours for somebody else's decision."""
    row = await commands.create(runtime, session, principal, data.data.attributes)
    return document(KIND, row.id, await queries.one(session, row))


@get(ONE, operation_id="readImpersonationRequest", permission=AUTHENTICATED)
async def read(session: Session, principal: Caller, request_id: FromPath[UUID]) -> RequestDocument:
    """Read a request to act as a user."""
    row = await queries.read(session, principal, request_id)
    return document(KIND, row.id, await queries.one(session, row))


@post(f"{ONE}/approve", operation_id="approveImpersonationRequest", permission=AUTHENTICATED, in_person=True)
async def approve(session: Session, principal: Caller, request_id: FromPath[UUID]) -> RequestDocument:
    """Allow it, for 8 hours: the operator, or who administers every organization of the user's; never who asked."""
    row = await commands.approve(session, principal, request_id)
    return document(KIND, row.id, await queries.one(session, row))


@post(f"{ONE}/deny", operation_id="denyImpersonationRequest", permission=AUTHENTICATED, in_person=True)
async def deny(session: Session, principal: Caller, request_id: FromPath[UUID]) -> RequestDocument:
    """Refuse it, or take back what was allowed; its sessions end at once. The user themselves may, too."""
    row = await commands.deny(session, principal, request_id)
    return document(KIND, row.id, await queries.one(session, row))


@post(f"{ONE}/impersonate", operation_id="impersonate", permission=SUPPORT, in_person=True, secret_answer=True)
async def impersonate(
    session: Session,
    runtime: Process,
    request: AnyRequest,
    principal: Caller,
    request_id: FromPath[UUID],
    data: JSONBody[Impersonate | None] = None,
) -> Response[SignedIn]:
    """Get tokens to act as the user: access for an hour at most, three hours in all from the first use.

    They name both people (`act`), hold no system role, are refused where only the person themselves may act, and end
    with the caller's own session. The user is told by mail; each call is kept in the audit trail with both people.
    """
    answer = await commands.impersonate(runtime, session, request, principal, request_id, data or Impersonate())
    return Response(answer, headers={"cache-control": "no-store"})


ROUTES = [list_, create, read, approve, deny, impersonate]
