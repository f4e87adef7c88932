"""`/v1/oauth2-client-settings/`: applications that people sign in to, or that speak for themselves."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import ORGANIZATION_READ, ORGANIZATION_WRITE
from jsonapi import collection, delete, document, get, patch, post
from litestar import Response

from identity.oauth2_client_settings import commands, queries
from identity.oauth2_client_settings.schemas import (
    KIND,
    ChangedClient,
    ClientCollection,
    ClientDocument,
    ClientsQuery,
    NewClient,
    ResetSecret,
)

PATH = "/v1/oauth2-client-settings"
ONE = f"{PATH}/{{client_id:uuid}}"
NO_STORE = {"cache-control": "no-store"}


@get(PATH, operation_id="listOauth2ClientSettings", permission=ORGANIZATION_READ, query=ClientsQuery)
async def list_(session: Session, principal: Caller, parameters: Parameters[ClientsQuery]) -> ClientCollection:
    """List an organization's OAuth 2 clients, the oldest first. Secrets are never among them."""
    rows = await queries.list_(session, principal, parameters)
    return collection(KIND, rows, lambda row: (row.id, queries.attributes(row)))


@post(
    PATH,
    operation_id="createOauth2ClientSettings",
    permission=ORGANIZATION_WRITE,
    in_person=True,
    secret_answer=True,
)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewClient]
) -> Response[ClientDocument]:
    """Register a client; the answer shows its `secret`, once.

    Redirect addresses are compared letter by letter; only a native application's loopback address may come with any
    port. Only https, but for the loopback interface and a native application's own scheme. `private_key_jwt` takes
    public keys, themselves or where they stand; `none` is for applications that can keep no secret, which then have
    to use PKCE. It takes a recent sign-in.
    """
    row, secret = await commands.create(runtime, session, principal, data.data.attributes)
    shown = document(KIND, row.id, queries.attributes(row, secret))
    return Response(shown, status_code=201, headers=NO_STORE)


@get(ONE, operation_id="readOauth2ClientSettings", permission=ORGANIZATION_READ)
async def read(session: Session, principal: Caller, client_id: FromPath[UUID]) -> ClientDocument:
    """Read a client, without its secret."""
    row = await queries.read(session, principal, client_id)
    return document(KIND, row.id, queries.attributes(row))


@patch(ONE, operation_id="updateOauth2ClientSettings", permission=ORGANIZATION_WRITE, in_person=True)
async def update(
    session: Session, runtime: Process, principal: Caller, client_id: FromPath[UUID], data: JSONBody[ChangedClient]
) -> ClientDocument:
    """Change a client.

    What it was given before stays; what it asks for next follows the new settings. It takes a recent sign-in.
    """
    row = await commands.update(runtime, session, principal, client_id, data.attributes_for(client_id))
    return document(KIND, row.id, queries.attributes(row))


@delete(ONE, operation_id="deleteOauth2ClientSettings", permission=ORGANIZATION_WRITE, in_person=True)
async def delete_(session: Session, principal: Caller, client_id: FromPath[UUID]) -> None:
    """Remove a client. What people let it have ends at once."""
    await commands.delete(session, principal, client_id)


@post(
    f"{ONE}/reset-secret",
    operation_id="resetOauth2ClientSecret",
    permission=ORGANIZATION_WRITE,
    in_person=True,
    secret_answer=True,
)
async def reset_secret(
    session: Session, principal: Caller, client_id: FromPath[UUID], data: JSONBody[ResetSecret]
) -> Response[ClientDocument]:
    """Replace a client's secret; the answer shows the new one, once.

    The old one stops at once, or counts for `overlap-seconds` more, so that nothing fails while it is exchanged. Who
    comes with it later is told that it was replaced. It takes a recent sign-in.
    """
    row, secret = await commands.reset_secret(session, principal, client_id, data.overlap_seconds)
    shown = document(KIND, row.id, queries.attributes(row, secret))
    return Response(shown, status_code=201, headers=NO_STORE)


ROUTES = [list_, create, read, update, delete_, reset_secret]
