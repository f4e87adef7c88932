"""`/v1/login/`."""

from chassis.arguments import JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post
from litestar import Response
from litestar.background_tasks import BackgroundTask

from identity.login import commands
from identity.login.schemas import Login, LoginAnswer
from identity.parts import parts_of
from identity.throttling.callers import AnyRequest, device_cookie
from identity.throttling.commands import refund

NO_STORE = {"cache-control": "no-store"}


@post("/v1/login", operation_id="login", permission=PUBLIC, secret_answer=True)
async def login(
    session: Session, runtime: Process, request: AnyRequest, data: JSONBody[Login]
) -> Response[LoginAnswer]:
    """Sign in with a password, and with `totp-code` where a second factor is on (401 `totp-required` without it).

    401 `service-documents-required` lists the documents that have to be agreed to, all at once, by
    `service-document-agreements`; others than a person's own have no effect. Until the password was right every failure
    answers alike, whether or not there is such a user. A device that signed in before is remembered by a cookie, which
    lets it through while others are made to wait (429). A recovery code may stand in for the authenticator's,
    and so may what a passkey has signed (`passkey`).
    """
    signed_in = await commands.login(runtime, session, request, data)
    cookie = device_cookie(signed_in.device, parts_of(runtime))
    returned = BackgroundTask(refund, runtime, signed_in.spent) if signed_in.spent else None
    return Response(signed_in.answer, headers=NO_STORE | cookie, background=returned)


ROUTES = [login]
