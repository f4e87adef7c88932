"""`/v1/synthetic-user-tokens/`: a service account acts for a user."""

from chassis.arguments import Caller, JSONBody, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import post
from litestar import Response

from identity.synthetic_user_tokens import commands
from identity.synthetic_user_tokens.schemas import NewUserToken, UserToken


@post(
    "/v1/synthetic-user-tokens",
    operation_id="createSyntheticUserToken",
    permission=AUTHENTICATED,
    scope=commands.SCOPE,
    in_person=True,
    secret_answer=True,
)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewUserToken]
) -> Response[UserToken]:
    """Get a token to act for a user of the organization: for service accounts with `acts-for-users`, by API key.

    The token names both (`act`), has the caller's scopes, says the additional claims, cannot be refreshed and lives an
    hour at most. It ends with its session, with the key and with the service account. Claims that the platform or
    readers of tokens go by are refused. Each call made with it is kept in the audit trail.
    """
    issued = await commands.create(session, runtime, principal, data.data)
    return Response(UserToken(issued), headers={"cache-control": "no-store"})


ROUTES = [create]
