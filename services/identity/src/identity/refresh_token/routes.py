"""`/v1/refresh-token/`."""

from typing import Annotated

import msgspec
from chassis.arguments import JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post
from litestar import Response

from identity.parts import parts_of
from identity.sessions.commands import refresh
from identity.sessions.schemas import SignedIn


class RefreshToken(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A refresh token, and whether a person is present."""

    refresh_token: Annotated[str, msgspec.Meta(max_length=2048)]
    interactive: bool = False


@post("/v1/refresh-token", operation_id="refreshToken", permission=PUBLIC, secret_answer=True)
async def refresh_token(session: Session, runtime: Process, data: JSONBody[RefreshToken]) -> Response[SignedIn]:
    """Exchange a refresh token for new tokens.

    The token just exchanged may be sent again within 10 seconds, five times at most; the use of an older one ends the
    session. The session's absolute lifetime stays.
    """
    answer = await refresh(session, parts_of(runtime), data.refresh_token)
    return Response(answer, headers={"cache-control": "no-store"})


ROUTES = [refresh_token]
