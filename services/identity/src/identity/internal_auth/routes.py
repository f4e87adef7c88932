"""`/v1/internal-auth/` and `/v2/internal-auth/`: the platform's services sign in."""

from chassis.arguments import JSONBody, Process
from contracts.permissions import PUBLIC
from jsonapi import document, post
from kernel import uuid7
from litestar import Response

from identity.internal_auth import commands
from identity.internal_auth.schemas import InternalAuth, InternalAuthDocument, InternalTokens, NewInternalAuth
from identity.parts import parts_of
from identity.throttling.budgets import INTERNAL_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand


@post("/v1/internal-auth", operation_id="internalAuth", permission=PUBLIC, secret_answer=True)
async def internal_auth(runtime: Process, request: AnyRequest, data: JSONBody[InternalAuth]) -> InternalTokens:
    """Exchange a service's secret for a token that the other services accept."""
    await demand(runtime, (INTERNAL_ADDRESS, address_prefix(request)))
    return commands.internal_auth(parts_of(runtime), data)


@post("/v2/internal-auth", operation_id="internalAuthV2", permission=PUBLIC, secret_answer=True)
async def internal_auth_v2(
    runtime: Process, request: AnyRequest, data: JSONBody[NewInternalAuth]
) -> Response[InternalAuthDocument]:
    """Exchange the projected token of a Kubernetes service account for a token that the other services accept.

    The token is checked against the keys of the cluster's issuer; the settings say which accounts are services.
    """
    await demand(runtime, (INTERNAL_ADDRESS, address_prefix(request)))
    made = await commands.internal_auth_v2(runtime, data.data.attributes.token)
    return Response(document("internal-auths", uuid7(), made), headers={"cache-control": "no-store"})


ROUTES = [internal_auth, internal_auth_v2]
