"""`/v1/login/`."""

import msgspec
from chassis.arguments import JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post
from litestar import Response
from litestar.background_tasks import BackgroundTask

from identity.login import commands, exchanging
from identity.login.exchanging import Exchange
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
    lets it through while others are made to wait (429). For usernames of a domain that an identity provider has the
    answer is `redirect-url` alone, whatever the password; only administrators of that organization and the operator's
    staff sign in with theirs. A recovery code may stand in for the authenticator's,
    and so may what a passkey has signed (`passkey`).
    """
    signed_in = await commands.login(runtime, session, request, data)
    cookie = device_cookie(signed_in.device, parts_of(runtime)) if signed_in.device else {}
    returned = BackgroundTask(refund, runtime, signed_in.spent) if signed_in.spent else None
    return Response(signed_in.answer, headers=NO_STORE | cookie, background=returned)


@post("/v1/login/exchange", operation_id="exchangeLoginCode", permission=PUBLIC, secret_answer=True)
async def exchange(
    session: Session, runtime: Process, request: AnyRequest, data: JSONBody[Exchange]
) -> Response[LoginAnswer]:
    """Exchange the one-time `code` with which an identity provider's people come back for what `login` answers.

    It counts once and for five minutes. 401 `totp-required` and `service-documents-required` ask for more, as `login`
    does, with the same code; a second factor of the identity provider counts where the organization trusts it.
    """
    done = await exchanging.exchange(runtime, session, request, data)
    answer = msgspec.convert(done.answer, LoginAnswer, from_attributes=True)
    return Response(answer, headers=NO_STORE | device_cookie(done.device, parts_of(runtime)))


ROUTES = [login, exchange]
