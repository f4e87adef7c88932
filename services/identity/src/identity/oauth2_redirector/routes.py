"""`/v1/oauth2-redirector/`: where people come back to from OpenID Providers and SMART on FHIR servers."""

from typing import Any

from chassis.arguments import Parameters, Process
from contracts.permissions import PUBLIC
from jsonapi import get
from litestar import Response

from identity.login.schemas import LoginAnswer
from identity.oauth2_redirector import commands
from identity.oauth2_redirector.schemas import RedirectQuery
from identity.openid.pages.problems import PROBLEMS_IN_BROWSERS
from identity.throttling.callers import AnyRequest


@get(
    "/v1/oauth2-redirector",
    operation_id="oauth2Redirector",
    permission=PUBLIC,
    query=RedirectQuery,
    exception_handlers=PROBLEMS_IN_BROWSERS,
)
async def redirect(
    runtime: Process, request: AnyRequest, parameters: Parameters[RedirectQuery]
) -> Response[LoginAnswer | Any]:
    """Sign in who comes back with a `code`, in the browser that was sent away, once, within 15 minutes.

    The browser goes on (303) to the address that was asked for with a one-time `code` for `/v1/login/exchange/`, or to
    the page that it came from; without any such address the answer is what `login` answers. `iss` has to be the
    provider's own where it says so (RFC 9207).
    """
    return await commands.answered(runtime, request, parameters)


ROUTES = [redirect]
