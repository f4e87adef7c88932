"""`/v1/resend-invitation/`."""

from chassis.arguments import Caller, JSONBody, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import post

from identity.resend_invitation import commands
from identity.resend_invitation.schemas import ResendInvitation, Resent


@post("/v1/resend-invitation", operation_id="resendInvitation", permission=AUTHENTICATED, in_person=True)
async def resend_invitation(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[ResendInvitation]
) -> Resent:
    """Send somebody's invitation again, on demand to another address, with another code.

    For whoever may invite into the organization. Of a sign-up with an organization's code the confirmation is sent
    again; its address stays.
    """
    return await commands.resend_invitation(runtime, session, principal, data)


ROUTES = [resend_invitation]
