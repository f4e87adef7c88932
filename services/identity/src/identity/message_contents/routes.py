"""`/v1/message-contents/`: what the service that sends messages needs to know of one."""

from uuid import UUID

from chassis.arguments import FromPath, Parameters, Process, Session
from contracts.permissions import SERVICE
from jsonapi import collection, document, get

from identity.message_contents import queries
from identity.message_contents.schemas import (
    MessageContentCollection,
    MessageContentDocument,
    MessageContentsQuery,
)
from identity.parts import parts_of


@get("/v1/message-contents", operation_id="listMessageContents", permission=SERVICE, query=MessageContentsQuery)
async def list_(
    session: Session, runtime: Process, parameters: Parameters[MessageContentsQuery]
) -> MessageContentCollection:
    """Read the recipients and variables of up to 100 messages by their ids; what has expired is left out."""
    rows = await queries.list_(session, parameters.ids)
    vault = parts_of(runtime).vault
    return collection("message-contents", rows, lambda one: (one.message.id, queries.attributes(vault, one)))


@get("/v1/message-contents/{message_id:uuid}", operation_id="readMessageContent", permission=SERVICE)
async def read(session: Session, runtime: Process, message_id: FromPath[UUID]) -> MessageContentDocument:
    """Read the recipient and variables of a message that was asked for and has not expired."""
    one = await queries.read(session, message_id)
    return document("message-contents", one.message.id, queries.attributes(parts_of(runtime).vault, one))


ROUTES = [list_, read]
