"""`/v1/logout/`."""

import msgspec
from chassis.arguments import Caller, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import post

from identity.sessions.commands import end


class LoggedOut(msgspec.Struct):
    """Nothing more to say."""


@post("/v1/logout", operation_id="logout", permission=AUTHENTICATED)
async def logout(session: Session, principal: Caller) -> LoggedOut:
    """End the session that the access token belongs to. Its tokens are refused everywhere within a second."""
    if principal.session_id is not None:
        await end(session, principal.session_id, "signed-out")
    return LoggedOut()


ROUTES = [logout]
