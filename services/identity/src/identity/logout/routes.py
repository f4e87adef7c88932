"""`/v1/logout/`."""

import msgspec
from chassis.arguments import Caller, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import post
from msgspec import UNSET, UnsetType

from identity.external_sign_ins.signing_out import sign_out_address
from identity.sessions.commands import end


class LoggedOut(msgspec.Struct, rename="kebab"):
    """Nothing more to say, but where the browser signs out of the identity provider, too."""

    redirect_url: str | UnsetType = UNSET


@post("/v1/logout", operation_id="logout", permission=AUTHENTICATED)
async def logout(session: Session, runtime: Process, principal: Caller) -> LoggedOut:
    """End the session that the access token belongs to. Its tokens are refused everywhere within a second.

    One that began at a SAML identity provider which knows of signing out answers `redirect-url`: there the browser
    signs out of the provider.
    """
    if principal.session_id is None:
        return LoggedOut()
    address = await sign_out_address(runtime, session, principal.session_id)
    await end(session, principal.session_id, "signed-out")
    return LoggedOut(address or UNSET)


ROUTES = [logout]
