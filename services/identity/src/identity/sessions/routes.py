"""`/v1/sessions/`: a person's devices."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, Parameters, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, delete, document, get
from kernel import NotFound

from identity.sessions import commands, queries
from identity.sessions.schemas import SessionCollection, SessionDocument, SessionQuery, SessionsQuery


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


ROUTES = [list_, read, delete_]
