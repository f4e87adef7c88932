"""`/oauth2/device_authorization` and the page for devices without a keyboard."""

from typing import Any

from chassis.arguments import Process, Session
from contracts.permissions import PUBLIC
from jsonapi import get, post
from litestar import Response

from identity.openid import documents
from identity.openid.asking import LONGEST_BODY
from identity.openid.devices import commands
from identity.openid.pages.routes import POSTED, SHOWN
from identity.throttling.callers import AnyRequest


@post(
    "/oauth2/device_authorization",
    operation_id="oauth2DeviceAuthorization",
    operation_class=documents.form(documents.DEVICE, documents.CLIENT),
    tags=[documents.TAG],
    permission=PUBLIC,
    status=200,
    secret_answer=True,
    request_max_body_size=LONGEST_BODY,
)
async def ask(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Begin a sign-in on a device without a keyboard (RFC 8628).

    A person types `user_code` at `verification_uri` on another one; meanwhile the device asks at `/oauth2/token`, every
    `interval` seconds; whoever asks sooner has to wait longer (`slow_down`).
    """
    return await commands.ask(runtime, session, request)


@get("/oauth2/device", operation_id="showDevice", **SHOWN)
async def show(runtime: Process, request: AnyRequest) -> Response[Any]:
    """The page that asks for a device's code."""
    return commands.show(runtime, request)


@post("/oauth2/device", operation_id="connectDevice", **POSTED)
async def type_code(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Go on with the device whose code was typed."""
    return await commands.type_code(runtime, session, request)


ROUTES = [ask, show, type_code]
