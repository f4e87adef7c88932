"""`/v1/organization-general-messages/`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, ORGANIZATION_WRITE
from jsonapi import collection, delete, document, get, patch, post

from notifications.organization_general_messages import commands, queries
from notifications.organization_general_messages.schemas import (
    KIND,
    ChangeMessageDocument,
    MessageCollection,
    MessageDocument,
    MessageQuery,
    NewMessageDocument,
)

TAGS = ["Organization general messages"]
PATH = "/v1/organization-general-messages"
ONE = f"{PATH}/{{message_id:uuid}}"


@get(PATH, operation_id="listOrganizationGeneralMessages", permission=AUTHENTICATED, query=MessageQuery, tags=TAGS)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[MessageQuery]
) -> MessageCollection:
    """List an organization's short texts, for everybody who is signed in to it."""
    rows = await queries.list_(runtime, session, principal, parameters)
    return collection(KIND, rows, lambda row: (row.id, queries.attributes(row)))


@post(PATH, operation_id="createOrganizationGeneralMessage", permission=ORGANIZATION_WRITE, tags=TAGS)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewMessageDocument]
) -> MessageDocument:
    """Make a text for a name and a locale; 409 where the organization has one."""
    row = await commands.create(runtime, session, principal, data.data.attributes)
    return document(KIND, row.id, queries.attributes(row))


@get(ONE, operation_id="readOrganizationGeneralMessage", permission=AUTHENTICATED, tags=TAGS)
async def read(session: Session, principal: Caller, runtime: Process, message_id: FromPath[UUID]) -> MessageDocument:
    """Read a text."""
    row = await queries.read(runtime, session, principal, message_id)
    return document(KIND, row.id, queries.attributes(row))


@patch(ONE, operation_id="updateOrganizationGeneralMessage", permission=ORGANIZATION_WRITE, tags=TAGS)
async def update(
    session: Session,
    principal: Caller,
    runtime: Process,
    message_id: FromPath[UUID],
    data: JSONBody[ChangeMessageDocument],
) -> MessageDocument:
    """Change a text; its name, locale and organization stay."""
    row = await commands.update(runtime, session, principal, message_id, data.attributes_for(message_id))
    return document(KIND, row.id, queries.attributes(row))


@delete(ONE, operation_id="deleteOrganizationGeneralMessage", permission=ORGANIZATION_WRITE, tags=TAGS)
async def delete_(session: Session, principal: Caller, runtime: Process, message_id: FromPath[UUID]) -> None:
    """Remove a text."""
    await commands.delete(runtime, session, principal, message_id)


ROUTES = [list_, create, read, update, delete_]
