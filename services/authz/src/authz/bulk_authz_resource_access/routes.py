"""`/v1/bulk-authz-resource-access`."""

from chassis.arguments import JSONBody
from contracts.permissions import AUTHENTICATED
from jsonapi import post

from authz.answers import Asked, Written, answer, asking, fresh, require_may_ask
from authz.bulk_authz_resource_access.queries import decide
from authz.bulk_authz_resource_access.schemas import BulkAccessAnswer, BulkAccessRequest

LARGEST_BODY = 4 * 1024 * 1024


@post(
    "/v1/bulk-authz-resource-access",
    operation_id="createBulkAuthzResourceAccess",
    permission=AUTHENTICATED,
    request_max_body_size=LARGEST_BODY,
)
async def create(request: Asked, data: JSONBody[BulkAccessRequest]) -> Written[BulkAccessAnswer]:
    """Decide queries for many users: all of them together for each user, or `individually` each one.

    At most 10,000 users, 10,000 queries and 100,000 decisions a call. The rules are those of authz-resource-access;
    the caller must have the right to ask about each of the users.
    """
    replica = await fresh(request)
    asked = data.multi_user_ids
    require_may_ask(replica.facts, asking(request), map(str.lower, asked.user_ids))
    return answer(replica, await decide(replica.facts, asked))


ROUTES = [create]
