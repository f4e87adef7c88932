"""`/v1/saml-acs/{id}/`: the SAML service provider that faces one identity provider."""

from typing import Any
from uuid import UUID

from chassis.arguments import FromPath, Parameters, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import get, post
from litestar import Response

from identity.external_sign_ins import commands as sign_ins
from identity.external_sign_ins import saml
from identity.openid.pages.problems import PROBLEMS_IN_BROWSERS
from identity.saml_acs import commands, queries
from identity.saml_acs.schemas import FinishQuery, LoggedOutQuery, LogoutQuery, PostsResponse
from identity.throttling.callers import AnyRequest

ONE = "/v1/saml-acs/{provider_id:uuid}"
METADATA = "application/samlmetadata+xml"
LONGEST_BODY = 400_000
SEEN: Any = {"permission": PUBLIC, "exception_handlers": PROBLEMS_IN_BROWSERS}


@post(
    f"{ONE}/acs",
    operation_id="samlAcs",
    secret_answer=True,
    operation_class=PostsResponse,
    request_max_body_size=LONGEST_BODY,
    **SEEN,
)
async def acs(runtime: Process, request: AnyRequest, provider_id: FromPath[UUID]) -> Response[Any]:
    """Take in an identity provider's response, as a form or as JSON, and send the browser on (303).

    It has to hold one assertion, signed itself, of this provider and for this platform, in answer to the request that
    `RelayState` names, and it counts once. One that nobody asked for counts only with `allow-unsolicited`; its
    `RelayState` may be a registered address.
    """
    return await commands.acs(runtime, request, provider_id)


@get(f"{ONE}/finish", operation_id="samlFinish", query=FinishQuery, **SEEN)
async def finish(
    runtime: Process,
    request: AnyRequest,
    provider_id: FromPath[UUID],  # noqa: ARG001 the code says whose it is
    parameters: Parameters[FinishQuery],
) -> Response[Any]:
    """Go on after a response was taken in, in the browser that the sign-in began in."""
    return await sign_ins.finish(runtime, request, parameters.code)


@get(f"{ONE}/logout", operation_id="samlLogout", query=LogoutQuery, **SEEN)
async def logout(
    runtime: Process, request: AnyRequest, provider_id: FromPath[UUID], parameters: Parameters[LogoutQuery]
) -> Response[Any]:
    """End the sessions that a signed LogoutRequest names, and send the browser back with a signed answer (303)."""
    _ = parameters
    return await commands.logout(runtime, request, provider_id)


@get(f"{ONE}/logged-out", operation_id="samlLoggedOut", query=LoggedOutQuery, **SEEN)
async def logged_out(
    runtime: Process, request: AnyRequest, provider_id: FromPath[UUID], parameters: Parameters[LoggedOutQuery]
) -> Response[Any]:
    """Take in the provider's signed answer to a sign-out, and send the browser to the provider's first address."""
    _ = parameters
    return await commands.logged_out(runtime, request, provider_id)


@get(f"{ONE}/metadata", operation_id="samlMetadata", permission=PUBLIC)
async def metadata(session: Session, runtime: Process, provider_id: FromPath[UUID]) -> Response[bytes]:
    """What the identity provider has to know of this service provider (SAML 2.0 Metadata)."""
    provider = await queries.described_provider(session, provider_id)
    return Response(saml.described(runtime, provider), media_type=METADATA)


ROUTES = [acs, finish, logout, logged_out, metadata]
