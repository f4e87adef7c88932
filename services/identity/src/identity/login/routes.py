"""`/v1/login/`."""

from chassis.arguments import JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post
from litestar import Response

from identity.login import commands
from identity.login.schemas import Login, LoginAnswer
from identity.parts import parts_of
from identity.throttling.callers import AnyRequest, device_cookie


@post("/v1/login", operation_id="login", permission=PUBLIC, secret_answer=True)
async def login(
    session: Session, runtime: Process, request: AnyRequest, data: JSONBody[Login]
) -> Response[LoginAnswer]:
    """Sign in with a password. Agreements to service documents that do not exist have no effect.

    Every failure answers alike, whether or not there is such a user. A device that signed in before is remembered by a
    cookie, which lets it through while others are made to wait (429).
    """
    answer, device = await commands.login(runtime, session, request, data)
    return Response(answer, cookies=[device_cookie(device, parts_of(runtime))], headers={"cache-control": "no-store"})


ROUTES = [login]
