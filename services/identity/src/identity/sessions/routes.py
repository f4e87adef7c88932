"""`/v1/sessions/`: a person's devices."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, delete, document, get, post
from kernel import NotFound
from litestar import Response
from litestar.background_tasks import BackgroundTask

from identity.sessions import commands, queries, reauthenticating
from identity.sessions.schemas import (
    Reauthenticate,
    SessionCollection,
    SessionDocument,
    SessionQuery,
    SessionsQuery,
    SignedIn,
)
from identity.throttling.callers import AnyRequest
from identity.throttling.commands import refund


@get("/v1/sessions", operation_id="listSessions", permission=AUTHENTICATED, query=SessionsQuery)
async def list_(session: Session, principal: Caller, parameters: Parameters[SessionsQuery]) -> SessionCollection:
    """List the devices that a person is signed in on, the newest sign-in first."""
    rows = await queries.list_(session, principal, parameters)
    return collection("sessions", rows, lambda row: (row.id, queries.plain(principal, row)))


@get("/v1/sessions/{session_id:uuid}", operation_id="readSession", permission=AUTHENTICATED, query=SessionQuery)
async def read(
    session: Session, principal: Caller, session_id: FromPath[UUID], parameters: Parameters[SessionQuery]
) -> SessionDocument:
    """Read a session, with `include-login-info` also who is signed in."""
    row = await queries.read(session, principal, session_id)
    shown = await queries.attributes(session, principal, row, with_info=parameters.include_login_info)
    return document("sessions", row.id, shown)


@delete("/v1/sessions/{session_id:uuid}", operation_id="deleteSession", permission=AUTHENTICATED)
async def delete_(session: Session, principal: Caller, session_id: FromPath[UUID]) -> None:
    """End a session. Its tokens are refused everywhere within a second."""
    row = await queries.read(session, principal, session_id)
    if not await commands.end(session, row.id, "revoked"):
        raise NotFound


@post(
    "/v1/sessions/{session_id:uuid}/reauthenticate",
    operation_id="reauthenticateSession",
    permission=AUTHENTICATED,
    in_person=True,
    secret_answer=True,
)
async def reauthenticate(
    session: Session,
    runtime: Process,
    request: AnyRequest,
    principal: Caller,
    session_id: FromPath[UUID],
    data: JSONBody[Reauthenticate],
) -> Response[SignedIn]:
    """Show again who one is, in the running session: by the password (with a code where one is asked for) or a passkey.

    What answered 401 `insufficient-user-authentication` works again, also with the tokens that there were.
    """
    answer, spent = await reauthenticating.reauthenticate(runtime, session, request, principal, session_id, data)
    returned = BackgroundTask(refund, runtime, spent)
    return Response(answer, headers={"cache-control": "no-store"}, background=returned)


ROUTES = [list_, read, delete_, reauthenticate]
