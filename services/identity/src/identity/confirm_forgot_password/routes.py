"""`/v1/confirm-forgot-password/`."""

from chassis.arguments import JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post

from identity.confirm_forgot_password import commands
from identity.confirm_forgot_password.schemas import ConfirmForgotPassword, ConfirmForgotPasswordAnswer
from identity.throttling.callers import AnyRequest


@post("/v1/confirm-forgot-password", operation_id="confirmForgotPassword", permission=PUBLIC, secret_answer=True)
async def confirm_forgot_password(
    session: Session, runtime: Process, request: AnyRequest, data: JSONBody[ConfirmForgotPassword]
) -> ConfirmForgotPasswordAnswer:
    """Set a new password with the code that was sent. Every session of the user ends.

    With `login` it answers as login does, or with `login-error` where only signing in failed.
    """
    return await commands.confirm_forgot_password(runtime, session, request, data)


ROUTES = [confirm_forgot_password]
