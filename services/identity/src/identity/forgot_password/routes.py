"""`/v1/forgot-password/`."""

from chassis.arguments import JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post

from identity.forgot_password import commands
from identity.forgot_password.schemas import ForgotPassword, ForgotPasswordAnswer
from identity.throttling.callers import AnyRequest


@post("/v1/forgot-password", operation_id="forgotPassword", permission=PUBLIC)
async def forgot_password(
    session: Session, runtime: Process, request: AnyRequest, data: JSONBody[ForgotPassword]
) -> ForgotPasswordAnswer:
    """Ask for a code to set a new password with. The answer is the same for every username."""
    await commands.forgot_password(runtime, session, request, data)
    return ForgotPasswordAnswer()


ROUTES = [forgot_password]
