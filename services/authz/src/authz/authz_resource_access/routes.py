"""`/v1/authz-resource-access`."""

from contracts.permissions import AUTHENTICATED
from jsonapi import post

from authz.answers import Asked, Written, answer, asking, fresh, require_may_ask
from authz.authz_resource_access.schemas import AccessAnswer, AccessRequest
from authz.index import allows, described, parse_all

ALLOWED, DENIED = b'{"allow":true}', b'{"allow":false}'


@post(
    "/v1/authz-resource-access",
    operation_id="createAuthzResourceAccess",
    permission=AUTHENTICATED,
    reads=True,
    body=AccessRequest,
)
async def create(request: Asked, data: AccessRequest) -> Written[AccessAnswer]:
    """Decide whether a user is allowed all of the queries.

    `context` is what the caller knows of the request; conditions of grants read it.

    What is unknown is denied: a user, a resource, a type or an operation. A malformed query is 400 and named.
    Services and the operator's staff may ask about anybody, everybody about themselves, an org.admin about the people
    of the organization. `x-authz-revision` says how fresh the answer is; with `x-authz-at-least` (a revision, or
    `latest`) the answer waits at most 250 ms for it, else it is 409.
    """
    replica = await fresh(request)
    user = data.user_id.lower()
    require_may_ask(replica.facts, asking(request), (user,))
    queries = parse_all(data.access_query, "/access-query")
    situation = described("/context", context=data.context) if data.context else None
    return answer(replica, ALLOWED if allows(replica.facts, user, queries, situation) else DENIED)


ROUTES = [create]
