"""`/v1/oauth2-launcher/`: an application is launched from an electronic health record (SMART App Launch 2.2)."""

from typing import Annotated

import msgspec
from chassis.arguments import Parameters, Process
from contracts.permissions import PUBLIC
from jsonapi import Query, get
from kernel import Invalid
from litestar import Response

from identity.external_sign_ins.starting import Way, begin
from identity.identity_providers import queries
from identity.openid.pages.problems import PROBLEMS_IN_BROWSERS
from identity.throttling.callers import AnyRequest

Value = Annotated[str, msgspec.Meta(min_length=1, max_length=1024, pattern=r"^[\x20-\x7e]+$")]


class LaunchQuery(Query, kw_only=True, forbid_unknown_fields=False):
    """The FHIR server and what it knows the launch by."""

    iss: Value
    launch: Value


@get(
    "/v1/oauth2-launcher",
    operation_id="oauth2Launcher",
    permission=PUBLIC,
    query=LaunchQuery,
    exception_handlers=PROBLEMS_IN_BROWSERS,
)
async def launch(runtime: Process, request: AnyRequest, parameters: Parameters[LaunchQuery]) -> Response[None]:
    """Answer a launch from a FHIR server that an identity provider names: the browser is sent there to sign in.

    Only servers that are set up (`fhir-url`) are answered; nothing is ever fetched from an `iss` that came along.
    """
    provider = await queries.looked_up(runtime, queries.of_launch, parameters.iss)
    if provider is None:
        raise Invalid("No identity provider is set up for this server.", parameter="iss", code="no-identity-provider")
    return await begin(runtime, request, provider, Way(launch=parameters.launch))


ROUTES = [launch]
