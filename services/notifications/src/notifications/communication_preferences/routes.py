"""`/v1/communication-preferences/`."""

from typing import Any
from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, PUBLIC
from jsonapi import collection, delete, document, get, post
from litestar import Request, Response

from notifications.communication_preferences import commands, links, unsubscribing
from notifications.communication_preferences.schemas import (
    KIND,
    NewPreferenceDocument,
    PreferenceAttributes,
    PreferenceCollection,
    PreferenceDocument,
    PreferenceQuery,
)
from notifications.templates.presenting import attributes_of

TAGS = ["Communication preferences"]
PATH = "/v1/communication-preferences"


@get(PATH, operation_id="listCommunicationPreferences", permission=AUTHENTICATED, query=PreferenceQuery, tags=TAGS)
async def list_(session: Session, principal: Caller, parameters: Parameters[PreferenceQuery]) -> PreferenceCollection:
    """List what the caller said that they want to be told; what is not listed, they are told."""
    found = await commands.list_(session, principal, parameters)
    return collection(KIND, found, lambda row: (row.id, attributes_of(PreferenceAttributes, row)))


@post(PATH, operation_id="createCommunicationPreference", permission=AUTHENTICATED, tags=TAGS)
async def create(session: Session, principal: Caller, data: JSONBody[NewPreferenceDocument]) -> PreferenceDocument:
    """Say whether the caller wants a type of message by a channel, instead of what they said before."""
    new = data.data.attributes
    row = await commands.prefer(session, principal.user_id, new.type, new.channel, enabled=new.enabled)
    return document(KIND, row.id, attributes_of(PreferenceAttributes, row))


@delete(
    f"{PATH}/{{preference_id:uuid}}", operation_id="deleteCommunicationPreference", permission=AUTHENTICATED, tags=TAGS
)
async def delete_(session: Session, principal: Caller, preference_id: FromPath[UUID]) -> None:
    """Forget a preference: the caller is told again."""
    await commands.delete(session, principal, preference_id)


@post(f"{PATH}/unsubscribe/{{token:str}}", operation_id="unsubscribe", permission=PUBLIC, status=200, tags=TAGS)
async def unsubscribe(
    session: Session, runtime: Process, request: Request[Any, Any, Any], token: FromPath[str]
) -> Response[dict[str, str]]:
    """End one type of message by one channel with one click (RFC 8058): the link stands in the mail's headers.

    A browser (`Accept: text/html`) gets a page that says so.
    """
    user_id, kind, channel = links.opened(runtime.common.service_secret, token)
    await commands.prefer(session, user_id, kind, channel, enabled=False)
    return unsubscribing.page(request, channel, done=True) if unsubscribing.wants_page(request) else Response({})


@get(
    f"{PATH}/unsubscribe/{{token:str}}",
    operation_id="readUnsubscribePage",
    permission=PUBLIC,
    media_type=unsubscribing.HTML,
    tags=TAGS,
)
async def ask(runtime: Process, request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """Show the page with the one button that ends these messages (text/html); opening it changes nothing."""
    _, _, channel = links.opened(runtime.common.service_secret, token)
    return unsubscribing.page(request, channel, done=False)


ROUTES = [list_, create, delete_, unsubscribe, ask]
