"""`/v1/oauth2-tokens/`: the code grant under its old name."""

from typing import Any

from chassis.arguments import JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post
from litestar import Response

from identity.oauth2_tokens import commands
from identity.oauth2_tokens.schemas import CodeGrant


@post("/v1/oauth2-tokens", operation_id="createOauth2Tokens", permission=PUBLIC, secret_answer=True)
async def create(session: Session, runtime: Process, data: JSONBody[CodeGrant]) -> Response[Any]:
    """Exchange an authorization code for tokens, as `/oauth2/token` does, with names in snake_case.

    For clients that have a secret, whichever way they send it elsewhere. The answer is that of RFC 6749, section 5.1.
    """
    return await commands.create(runtime, session, data)


ROUTES = [create]
