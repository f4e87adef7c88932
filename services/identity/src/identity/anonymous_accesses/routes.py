"""`/v1/anonymous-accesses/`: links by which somebody without a login may do a little for one user."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Process, Session
from contracts.permissions import AUTHENTICATED, PUBLIC
from jsonapi import delete, document, get, patch, post
from litestar import Response

from identity.anonymous_accesses import commands, proxying
from identity.anonymous_accesses.schemas import (
    KIND,
    AnonymousAccessDocument,
    ChangedAnonymousAccess,
    NewAnonymousAccess,
    ProxiedAnswer,
    ProxiedCall,
)
from identity.throttling.callers import AnyRequest, address_prefix

PATH = "/v1/anonymous-accesses"
ONE = f"{PATH}/{{access_id:uuid}}"
NO_STORE = {"cache-control": "no-store"}


@post(PATH, operation_id="createAnonymousAccess", permission=AUTHENTICATED, in_person=True, secret_answer=True)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewAnonymousAccess]
) -> Response[AnonymousAccessDocument]:
    """Make a link for a user, oneself or whom one administers: `allowed-endpoints` until `expired-at`, 90 days at most.

    The id is the secret of the link; whoever has it may perform what is allowed, as the user, and nothing else.
    """
    row = await commands.create(session, runtime, principal, data.data.attributes)
    return Response(document(KIND, row.id, commands.attributes(row)), headers=NO_STORE)


@get(ONE, operation_id="readAnonymousAccess", permission=AUTHENTICATED)
async def read(session: Session, principal: Caller, access_id: FromPath[UUID]) -> AnonymousAccessDocument:
    """Read a link that one made, that is for oneself, or whose user one administers."""
    row = await commands.read(session, principal, access_id)
    return document(KIND, row.id, commands.attributes(row))


@patch(ONE, operation_id="updateAnonymousAccess", permission=AUTHENTICATED, in_person=True)
async def update(
    session: Session, principal: Caller, access_id: FromPath[UUID], data: JSONBody[ChangedAnonymousAccess]
) -> AnonymousAccessDocument:
    """Change what a link allows, or until when. A time that has passed ends it at once."""
    row = await commands.update(session, principal, access_id, data.attributes_for(access_id))
    return document(KIND, row.id, commands.attributes(row))


@delete(ONE, operation_id="deleteAnonymousAccess", permission=AUTHENTICATED)
async def delete_(session: Session, principal: Caller, access_id: FromPath[UUID]) -> None:
    """End a link at once."""
    await commands.delete(session, principal, access_id)


@post(f"{ONE}/proxy", operation_id="proxyAnonymousAccess", permission=PUBLIC, secret_answer=True)
async def proxy(
    runtime: Process, request: AnyRequest, access_id: FromPath[UUID], data: JSONBody[ProxiedCall]
) -> Response[ProxiedAnswer]:
    """Perform one of the link's endpoints through the gateway, as its user, and answer what it answered.

    No credential is needed but the link. `endpoint` and `method` have to be those of an allowed endpoint exactly:
    whatever else is asked for is 403. `params` are the query, `json` the body.
    """
    answer = await proxying.proxy(runtime, access_id, address_prefix(request), data)
    return Response(answer, headers=NO_STORE)


ROUTES = [create, read, update, delete_, proxy]
