"""`/v1/confirm-sign-up/`."""

from chassis.arguments import JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post

from identity.confirm_sign_up import commands
from identity.confirm_sign_up.schemas import ConfirmSignUp, ConfirmSignUpAnswer
from identity.throttling.callers import AnyRequest


@post("/v1/confirm-sign-up", operation_id="confirmSignUp", permission=PUBLIC, secret_answer=True)
async def confirm_sign_up(
    session: Session, runtime: Process, request: AnyRequest, data: JSONBody[ConfirmSignUp]
) -> ConfirmSignUpAnswer:
    """Confirm a sign-up with the code that was sent: eight digits, good once, for 15 minutes and five tries.

    With `login` it answers as login does, or with `login-error` where only signing in failed.
    """
    return await commands.confirm_sign_up(runtime, session, request, data)


ROUTES = [confirm_sign_up]
