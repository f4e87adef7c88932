"""`/v1/api-keys/`: credentials of machines."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from contracts.scopes import SCOPES
from jsonapi import Paged, collection, delete, document, get, post
from kernel import Slice
from litestar import Response

from identity.api_keys import commands, queries
from identity.api_keys.schemas import (
    KIND,
    ApiKeyCollection,
    ApiKeyDocument,
    ApiKeysQuery,
    NewApiKey,
    Rotate,
    ScopeAttributes,
    ScopeCollection,
)

PATH = "/v1/api-keys"
ONE = f"{PATH}/{{key_id:uuid}}"
NO_STORE = {"cache-control": "no-store"}


@get(PATH, operation_id="listApiKeys", permission=AUTHENTICATED, query=ApiKeysQuery)
async def list_(session: Session, principal: Caller, parameters: Parameters[ApiKeysQuery]) -> ApiKeyCollection:
    """List API keys, the newest first: one's own, and those of organizations that one administers."""
    found = await queries.list_(session, principal, parameters)
    known = await queries.described(session, found.rows)
    return collection(KIND, found, lambda row: (row.id, known[row.id]))


@get(f"{PATH}/scopes", operation_id="listApiKeyScopes", permission=AUTHENTICATED, query=Paged)
async def list_scopes(parameters: Parameters[Paged]) -> ScopeCollection:
    """List the scopes that keys and applications can have, and what each opens. What has no scope is closed to keys."""
    page, rows = parameters.page, sorted(SCOPES.items())
    found = Slice(rows[page.offset : page.offset + page.limit], len(rows), page)
    return collection("scopes", found, lambda row: (row[0], ScopeAttributes(row[1])))


@post(PATH, operation_id="createApiKey", permission=AUTHENTICATED, in_person=True, secret_answer=True)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewApiKey]
) -> Response[ApiKeyDocument]:
    """Make an API key of an organization, with scopes. `key` is shown this once; send it as `X-Api-Key`.

    It acts as oneself, or as a service account that one administers, and never goes beyond its scopes, its organization
    and what whoever it acts as may do. It takes a recent sign-in.
    """
    made = await commands.create(session, runtime, principal, data.data.attributes)
    shown = (await queries.described(session, [made.row]))[made.row.id]
    shown.key = made.secret
    return Response(document(KIND, made.row.id, shown), headers=NO_STORE)


@get(ONE, operation_id="readApiKey", permission=AUTHENTICATED)
async def read(session: Session, principal: Caller, key_id: FromPath[UUID]) -> ApiKeyDocument:
    """Read an API key, without its secret. When it was last used is right to the minute."""
    row = await queries.read(session, principal, key_id)
    return document(KIND, row.id, (await queries.described(session, [row]))[row.id])


@post(f"{ONE}/rotate", operation_id="rotateApiKey", permission=AUTHENTICATED, in_person=True, secret_answer=True)
async def rotate(
    session: Session, runtime: Process, principal: Caller, key_id: FromPath[UUID], data: JSONBody[Rotate | None] = None
) -> Response[ApiKeyDocument]:
    """Give an API key a new secret; the one so far counts for `overlap-seconds` more (a day), so nothing stands still.

    It takes a recent sign-in.
    """
    made = await commands.rotate(session, runtime, principal, key_id, (data or Rotate()).overlap_seconds)
    shown = (await queries.described(session, [made.row]))[made.row.id]
    shown.key = made.secret
    return Response(document(KIND, made.row.id, shown), headers=NO_STORE)


@delete(ONE, operation_id="deleteApiKey", permission=AUTHENTICATED)
async def delete_(session: Session, principal: Caller, key_id: FromPath[UUID]) -> None:
    """Revoke an API key. It counts no more from this moment, and no token that was made of it a second later."""
    await commands.revoke(session, principal, key_id)


ROUTES = [list_, list_scopes, create, read, rotate, delete_]
