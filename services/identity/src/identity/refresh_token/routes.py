"""`/v1/refresh-token/`."""

from chassis.arguments import JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post
from litestar import Response

from identity.parts import parts_of
from identity.refresh_token import commands
from identity.refresh_token.schemas import RefreshToken
from identity.sessions.schemas import SignedIn


@post("/v1/refresh-token", operation_id="refreshToken", permission=PUBLIC, secret_answer=True)
async def refresh_token(session: Session, runtime: Process, data: JSONBody[RefreshToken]) -> Response[SignedIn]:
    """Exchange a refresh token for new tokens.

    The token just exchanged may be sent again within 10 seconds, five times at most; the use of an older one ends the
    session. The session's absolute lifetime stays. With `interactive` a document that has to be agreed to first is
    401 `service-documents-required`, as at login, and the token still counts.
    """
    answer = await commands.refresh_token(session, parts_of(runtime), data)
    return Response(answer, headers={"cache-control": "no-store"})


ROUTES = [refresh_token]
