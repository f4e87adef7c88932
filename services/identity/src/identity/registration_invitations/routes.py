"""`/v1/registration-invitations/`: a person invites another by e-mail."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, document, get, post

from identity.registration_invitations import commands
from identity.registration_invitations.schemas import (
    KIND,
    InvitationCollection,
    InvitationDocument,
    InvitationsQuery,
    NewInvitation,
)

PATH = "/v1/registration-invitations"


@get(PATH, operation_id="listRegistrationInvitations", permission=AUTHENTICATED, query=InvitationsQuery)
async def list_(session: Session, principal: Caller, parameters: Parameters[InvitationsQuery]) -> InvitationCollection:
    """List whom one has invited, the newest first."""
    found = await commands.list_(session, principal, parameters.page)
    return collection(KIND, found, lambda row: (row.id, commands.attributes(row)))


@post(PATH, operation_id="createRegistrationInvitation", permission=AUTHENTICATED, in_person=True)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewInvitation]
) -> InvitationDocument:
    """Invite somebody to register. The mail holds a code, good once and for 30 days: `referral-code` at sign-up.

    The login belongs to no organization until one takes it in.
    """
    row = await commands.create(runtime, session, principal, data.data.attributes.invited_email)
    return document(KIND, row.id, commands.attributes(row))


@get(f"{PATH}/{{invitation_id:uuid}}", operation_id="readRegistrationInvitation", permission=AUTHENTICATED)
async def read(session: Session, principal: Caller, invitation_id: FromPath[UUID]) -> InvitationDocument:
    """Read one's own invitation."""
    row = await commands.read(session, principal, invitation_id)
    return document(KIND, row.id, commands.attributes(row))


ROUTES = [list_, create, read]
