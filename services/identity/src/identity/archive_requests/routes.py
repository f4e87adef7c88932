"""`/v1/archive-requests/`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, document, get, post

from identity.archive_requests import commands, queries
from identity.archive_requests.schemas import (
    KIND,
    Answer,
    ArchiveRequestCollection,
    ArchiveRequestDocument,
    ArchiveRequestQuery,
    NewArchiveRequestDocument,
)
from identity.users import own_password

PATH = "/v1/archive-requests"


@get(PATH, operation_id="listArchiveRequests", permission=AUTHENTICATED, query=ArchiveRequestQuery)
async def list_(
    session: Session, principal: Caller, parameters: Parameters[ArchiveRequestQuery]
) -> ArchiveRequestCollection:
    """List requests, newest first: one's own, those that one made, and those of organizations that one administers."""
    found = await queries.list_(session, principal, parameters)
    answers = await queries.answers_of(session, [row.id for row in found.rows])
    return collection(KIND, found, lambda row: (row.id, queries.attributes(row, answers)))


@post(PATH, operation_id="createArchiveRequest", permission=AUTHENTICATED, in_person=True)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewArchiveRequestDocument]
) -> ArchiveRequestDocument:
    """Ask to archive an individual.

    The individual themself, their owner, administrators of the organization and the operator may, with their own
    password. The answers to `interview` decide what becomes of it.
    """
    asked = data.data.attributes
    await own_password.check(runtime, principal, asked.password, "/data/attributes/password")
    row = await commands.create(runtime, session, principal, asked)
    return document(KIND, row.id, queries.attributes(row, {}))


@post(f"{PATH}/{{request_id:uuid}}/answer", operation_id="answerArchiveRequest", permission=AUTHENTICATED)
async def answer(
    session: Session, principal: Caller, request_id: FromPath[UUID], data: JSONBody[Answer]
) -> ArchiveRequestDocument:
    """Answer a question of the interview, the first open one where none is named.

    A no cancels the request. The last yes confirms it: the individual's own login ends at once, and the request is
    `archived` when orgs has followed.
    """
    row = await commands.answer(session, principal, request_id, data)
    return document(KIND, row.id, queries.attributes(row, await queries.answers_of(session, [row.id])))


ROUTES = [list_, create, answer]
