"""`/v1/url-shorteners/` and `/s/{code}`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import ORGANIZATION_WRITE, PUBLIC
from jsonapi import collection, delete, document, get, patch, post
from litestar.response.base import ASGIResponse

from notifications.url_shorteners import commands, counting, queries
from notifications.url_shorteners.following import targets_of
from notifications.url_shorteners.schemas import (
    KIND,
    ChangeShortenerDocument,
    NewShortenerDocument,
    ShortenerCollection,
    ShortenerDocument,
    ShortenerQuery,
)

TAGS = ["URL shorteners"]
PATH = "/v1/url-shorteners"
ONE = f"{PATH}/{{shortener_id:uuid}}"


@get(PATH, operation_id="listUrlShorteners", permission=ORGANIZATION_WRITE, query=ShortenerQuery, tags=TAGS)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[ShortenerQuery]
) -> ShortenerCollection:
    """List an organization's short addresses, by default those of the caller's; staff of the operator see all."""
    rows = await queries.list_(runtime, session, principal, parameters)
    return collection(KIND, rows, lambda row: (row.id, queries.attributes(runtime, row)))


@post(PATH, operation_id="createUrlShortener", permission=ORGANIZATION_WRITE, tags=TAGS)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewShortenerDocument]
) -> ShortenerDocument:
    """Make a short address of a page on the domain of the organization's theme, or below it; 400 for another host."""
    row = await commands.create(runtime, session, principal, data.data.attributes)
    return document(KIND, row.id, queries.attributes(runtime, row))


@get(ONE, operation_id="readUrlShortener", permission=ORGANIZATION_WRITE, tags=TAGS)
async def read(
    session: Session, principal: Caller, runtime: Process, shortener_id: FromPath[UUID]
) -> ShortenerDocument:
    """Read a short address."""
    row = await queries.read(runtime, session, principal, shortener_id)
    return document(KIND, row.id, queries.attributes(runtime, row))


@patch(ONE, operation_id="updateUrlShortener", permission=ORGANIZATION_WRITE, tags=TAGS)
async def update(
    session: Session,
    principal: Caller,
    runtime: Process,
    shortener_id: FromPath[UUID],
    data: JSONBody[ChangeShortenerDocument],
) -> ShortenerDocument:
    """Change where a short address leads, or until when; its code stays."""
    row = await commands.update(runtime, session, principal, shortener_id, data.attributes_for(shortener_id))
    return document(KIND, row.id, queries.attributes(runtime, row))


@delete(ONE, operation_id="deleteUrlShortener", permission=ORGANIZATION_WRITE, tags=TAGS)
async def delete_(session: Session, principal: Caller, runtime: Process, shortener_id: FromPath[UUID]) -> None:
    """Remove a short address: its code leads nowhere from then on."""
    await commands.delete(runtime, session, principal, shortener_id)


@get("/s/{code:str}", operation_id="followShortUrl", permission=PUBLIC, tags=TAGS)
async def follow(runtime: Process, code: FromPath[str]) -> ASGIResponse:
    """Go where a short address leads (302); 404 for a code that is unknown or has expired."""
    shortener_id, url = await targets_of(runtime).of(code)
    counting.note(runtime, shortener_id)
    headers = {"location": url, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return ASGIResponse(status_code=302, headers=headers)


ROUTES = [list_, create, read, update, delete_, follow]
