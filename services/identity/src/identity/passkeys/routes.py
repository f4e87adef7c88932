"""`/v1/passkeys/`: keys in people's authenticators, to sign in with alone or beside a password."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, PUBLIC
from jsonapi import collection, delete, document, get, patch, post
from litestar import Response
from litestar.background_tasks import BackgroundTask

from identity.login.schemas import LoginAnswer
from identity.parts import parts_of
from identity.passkeys import commands, presentation, queries, signing_in
from identity.passkeys.schemas import (
    KIND,
    ChangedPasskeyDocument,
    NewPasskeyDocument,
    Options,
    PasskeyCollection,
    PasskeyDocument,
    PasskeySignIn,
    PasskeysQuery,
)
from identity.throttling.callers import AnyRequest, device_cookie
from identity.throttling.commands import refund

NO_STORE = {"cache-control": "no-store"}


@get("/v1/passkeys", operation_id="listPasskeys", permission=AUTHENTICATED, query=PasskeysQuery)
async def list_(session: Session, principal: Caller, parameters: Parameters[PasskeysQuery]) -> PasskeyCollection:
    """List a person's passkeys, the newest first; one's own, or those of somebody whom one administers."""
    rows = await queries.list_(session, principal, parameters)
    return collection(KIND, rows, lambda row: (row.id, presentation.attributes(row)))


@post(
    "/v1/passkeys/registration-options",
    operation_id="createPasskeyRegistrationOptions",
    permission=AUTHENTICATED,
    secret_answer=True,
    in_person=True,
)
async def registration_options(session: Session, runtime: Process, principal: Caller) -> Response[Options]:
    """Begin to register a passkey: what the browser is to be asked for. The challenge counts once, for five minutes.

    Asks for a recent sign-in (401 `insufficient-user-authentication`), as registering and removing do.
    """
    options, expires_at = await commands.registration_options(runtime, session, principal)
    return Response(Options(options, expires_at), headers=NO_STORE)


@post("/v1/passkeys", operation_id="createPasskey", permission=AUTHENTICATED, in_person=True)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewPasskeyDocument]
) -> PasskeyDocument:
    """Register a passkey with what the browser answered. One person has twenty at most. The person is told."""
    row = await commands.create(runtime, session, principal, data.data.attributes)
    return document(KIND, row.id, presentation.attributes(row))


@patch("/v1/passkeys/{passkey_id:uuid}", operation_id="updatePasskey", permission=AUTHENTICATED, in_person=True)
async def update(
    session: Session, principal: Caller, passkey_id: FromPath[UUID], data: JSONBody[ChangedPasskeyDocument]
) -> PasskeyDocument:
    """Rename one of one's own."""
    row = await commands.rename(session, principal, passkey_id, data.attributes_for(passkey_id).name)
    return document(KIND, row.id, presentation.attributes(row))


@delete("/v1/passkeys/{passkey_id:uuid}", operation_id="deletePasskey", permission=AUTHENTICATED, in_person=True)
async def delete_(session: Session, runtime: Process, principal: Caller, passkey_id: FromPath[UUID]) -> None:
    """Remove a passkey, unless nothing else would let its owner in. The person is told.

    Where a person has lost theirs, the operator or an administrator of all of their organizations removes it.
    """
    await commands.delete(runtime, session, principal, passkey_id)


@post(
    "/v1/passkeys/sign-in-options",
    operation_id="createPasskeySignInOptions",
    permission=PUBLIC,
    secret_answer=True,
)
async def sign_in_options(session: Session, runtime: Process, request: AnyRequest) -> Response[Options]:
    """Begin to sign in by a passkey: what the browser is to be asked for, whoever it is.

    The answer goes to `sign-in`, to `passkey` of `/v1/login/` in place of a code, or to `reauthenticate` of a session.
    """
    options, expires_at = await commands.sign_in_options(runtime, session, request)
    return Response(Options(options, expires_at), headers=NO_STORE)


@post("/v1/passkeys/sign-in", operation_id="signInByPasskey", permission=PUBLIC, secret_answer=True)
async def sign_in(
    session: Session, runtime: Process, request: AnyRequest, data: JSONBody[PasskeySignIn]
) -> Response[LoginAnswer]:
    """Sign in by a passkey alone. Whatever does not count answers alike (401 `invalid-passkey`).

    401 `service-documents-required` as at `/v1/login/`; the same credential may then be sent again with the agreements.
    """
    signed_in = await signing_in.sign_in(runtime, session, request, data)
    cookie = device_cookie(signed_in.device, parts_of(runtime)) if signed_in.device else {}
    returned = BackgroundTask(refund, runtime, signed_in.spent)
    return Response(signed_in.answer, headers=NO_STORE | cookie, background=returned)


ROUTES = [list_, registration_options, create, update, delete_, sign_in_options, sign_in]
