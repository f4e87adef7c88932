"""`/v1/sign-up/`."""

from chassis.arguments import JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post

from identity.sign_up import commands
from identity.sign_up.schemas import SignUp, SignUpAnswer
from identity.throttling.callers import AnyRequest


@post("/v1/sign-up", operation_id="signUp", permission=PUBLIC)
async def sign_up(session: Session, runtime: Process, request: AnyRequest, data: JSONBody[SignUp]) -> SignUpAnswer:
    """Sign up as a participant of the organization that gave the code, or as whom an invitation says.

    A confirmation code is sent by e-mail or SMS (`source`). Where the username is in use the answer is the same and
    its owner is told instead. Agreements to service documents that do not exist have no effect.
    """
    return SignUpAnswer(await commands.sign_up(runtime, session, request, data))


ROUTES = [sign_up]
