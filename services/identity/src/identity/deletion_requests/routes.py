"""`/v1/deletion-requests/`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, SERVICE
from jsonapi import collection, document, get, post

from identity.deletion_requests import commands, queries
from identity.deletion_requests.schemas import (
    KIND,
    DeletionRequestCollection,
    DeletionRequestDocument,
    DeletionRequestQuery,
    NewDeletionRequestDocument,
    Reported,
    UpdateStatus,
)
from identity.parts import parts_of
from identity.users import own_password

PATH = "/v1/deletion-requests"


@get(PATH, operation_id="listDeletionRequests", permission=AUTHENTICATED, query=DeletionRequestQuery)
async def list_(
    session: Session, runtime: Process, principal: Caller, parameters: Parameters[DeletionRequestQuery]
) -> DeletionRequestCollection:
    """List the requests about the person with an e-mail address, newest first.

    They are found after the erasure, too: of the address only a mark is kept.
    """
    mark = queries.mark_of(parts_of(runtime).vault, parameters.user_email)
    found = await queries.list_(session, principal, mark, parameters.page)
    shown = await queries.attributes(session, principal, found.rows)
    return collection(KIND, found, lambda row: (row.id, shown[row.id]))


@post(PATH, operation_id="createDeletionRequest", permission=AUTHENTICATED, in_person=True)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewDeletionRequestDocument]
) -> DeletionRequestDocument:
    """Erase a person in every service.

    `user` is a login with the individuals who are that person, `indv` an individual; its own login goes along unless
    it is used otherwise. The person, administrators of their organizations where they are a participant, and the
    operator may ask, each with their own password. Sessions end at once, and nobody reads the person any more;
    `progress` tells how far each service is. `archive` keeps a copy that no operation shows.
    """
    asked = data.data.attributes
    await own_password.check(runtime, principal, asked.password, "/data/attributes/password")
    row = await commands.create(runtime, session, principal, asked)
    return document(KIND, row.id, (await queries.attributes(session, principal, [row]))[row.id])


@get(f"{PATH}/{{request_id:uuid}}", operation_id="readDeletionRequest", permission=AUTHENTICATED)
async def read(session: Session, principal: Caller, request_id: FromPath[UUID]) -> DeletionRequestDocument:
    """Read a request with the progress of each service and the receipts. Services read who the person is."""
    row = await queries.read(session, principal, request_id)
    return document(KIND, row.id, (await queries.attributes(session, principal, [row]))[row.id])


@post(f"{PATH}/{{request_id:uuid}}/update-status", operation_id="updateDeletionStatus", permission=SERVICE)
async def update_status(
    session: Session, runtime: Process, principal: Caller, request_id: FromPath[UUID], data: JSONBody[UpdateStatus]
) -> Reported:
    """Report how far a service is with its part: pieces of the copy while it runs, the receipt when it is done."""
    await commands.update_status(session, parts_of(runtime), principal, request_id, data)
    return Reported()


ROUTES = [list_, create, read, update_status]
