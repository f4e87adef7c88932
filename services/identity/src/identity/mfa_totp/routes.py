"""`/v1/mfa-totp/`: one-time passwords as a second factor."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import delete, get, post
from litestar import Response

from identity.mfa_totp import commands, presentation
from identity.mfa_totp.schemas import DisableTotp, EnableTotp, Nothing, TotpCollection, TotpDocument, TotpQuery
from identity.parts import parts_of


@get("/v1/mfa-totp", operation_id="listMfaTotp", permission=AUTHENTICATED, query=TotpQuery)
async def list_(
    session: Session, runtime: Process, principal: Caller, parameters: Parameters[TotpQuery]
) -> Response[TotpCollection]:
    """List a person's authenticators, the newest first; one's own, or those of somebody whom one administers."""
    return await presentation.collection_of(session, runtime, principal, parameters)


@post("/v1/mfa-totp", operation_id="createMfaTotp", permission=AUTHENTICATED, secret_answer=True, in_person=True)
async def create(
    session: Session,
    runtime: Process,
    principal: Caller,
    data: JSONBody[Nothing | None] = None,  # noqa: ARG001 decoded to refuse other members
) -> Response[TotpDocument]:
    """Begin to set up an authenticator: its secret as text, URI and picture. It counts once it is enabled.

    The secret is shown to its owner only, and never again once it was enabled. One person has five at most.
    """
    row, user = await commands.create(session, parts_of(runtime), principal)
    return await presentation.document_of(runtime, row, username=user.username)


@post(
    "/v1/mfa-totp/{totp_id:uuid}/enable",
    operation_id="enableMfaTotp",
    permission=AUTHENTICATED,
    secret_answer=True,
    in_person=True,
)
async def enable(
    session: Session, runtime: Process, principal: Caller, totp_id: FromPath[UUID], data: JSONBody[EnableTotp]
) -> Response[TotpDocument]:
    """Enable an authenticator with two consecutive codes and the password: from now on signing in takes a code.

    Answers ten recovery codes, this once; each stands in for a code once. The person is told.
    """
    row, codes = await commands.enable(runtime, session, principal, totp_id, data)
    return await presentation.document_of(runtime, row, recovery_codes=codes)


@post("/v1/mfa-totp/{totp_id:uuid}/disable", operation_id="disableMfaTotp", permission=AUTHENTICATED, in_person=True)
async def disable(
    session: Session, runtime: Process, principal: Caller, totp_id: FromPath[UUID], data: JSONBody[DisableTotp]
) -> Response[TotpDocument]:
    """Disable an authenticator without deleting it, with the caller's own password. Its recovery codes are gone.

    Where a person has lost theirs, the operator or an administrator of all of their organizations does it for them;
    it is audited. The person is told.
    """
    row = await commands.disable(runtime, session, principal, totp_id, data)
    return await presentation.document_of(runtime, row)


@delete("/v1/mfa-totp/{totp_id:uuid}", operation_id="deleteMfaTotp", permission=AUTHENTICATED, in_person=True)
async def delete_(session: Session, principal: Caller, totp_id: FromPath[UUID]) -> None:
    """Delete an authenticator of one's own that is not enabled."""
    await commands.delete(session, principal, totp_id)


ROUTES = [list_, create, enable, disable, delete_]
