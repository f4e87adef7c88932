"""`/v1/internal-auth/`."""

from chassis.arguments import JSONBody, Process
from contracts.permissions import PUBLIC
from jsonapi import post

from identity.internal_auth import commands
from identity.internal_auth.schemas import InternalAuth, InternalTokens
from identity.parts import parts_of


@post("/v1/internal-auth", operation_id="internalAuth", permission=PUBLIC, secret_answer=True)
async def internal_auth(runtime: Process, data: JSONBody[InternalAuth]) -> InternalTokens:
    """Exchange a service's secret for a token that the other services accept."""
    return commands.internal_auth(parts_of(runtime), data)


ROUTES = [internal_auth]
