"""`/v1/saml-login/`: signing in by the domain of one's organization."""

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

Text = Annotated[str, msgspec.Meta(max_length=255)]


class SamlLoginQuery(Query, kw_only=True):
    """The domain, a specific address to sign in with, and where to go afterwards."""

    domain: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    email_address: Text | None = msgspec.field(name="email-address", default=None)
    next: Text | None = None


@get(
    "/v1/saml-login",
    operation_id="samlLogin",
    permission=PUBLIC,
    query=SamlLoginQuery,
    exception_handlers=PROBLEMS_IN_BROWSERS,
)
async def login(runtime: Process, request: AnyRequest, parameters: Parameters[SamlLoginQuery]) -> Response[None]:
    """Send the browser to the identity provider of a verified domain, with a signed AuthnRequest.

    It comes back to `next`, which has to be one of the provider's registered addresses, with a one-time `code`. A
    domain whose provider speaks OpenID Connect is served alike.
    """
    provider = await queries.looked_up(runtime, queries.of_domain, parameters.domain)
    if provider is None:
        raise Invalid("No identity provider has this domain.", parameter="domain", code="no-identity-provider")
    return await begin(runtime, request, provider, Way(next=parameters.next, login_hint=parameters.email_address))


ROUTES = [login]
