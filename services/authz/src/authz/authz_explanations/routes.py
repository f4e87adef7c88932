"""`/v1/authz-explanations`."""

import msgspec
from chassis.arguments import JSONBody
from contracts.permissions import AUTHENTICATED
from jsonapi import post

from authz.answers import Asked, Written, answer, asking, fresh
from authz.authz_explanations.queries import explain
from authz.authz_explanations.schemas import ExplanationAnswer, ExplanationRequest


@post("/v1/authz-explanations", operation_id="createAuthzExplanation", permission=AUTHENTICATED)
async def create(request: Asked, data: JSONBody[ExplanationRequest]) -> Written[ExplanationAnswer]:
    """Explain decisions: the paths of facts that allow each, from the user to the resource, or what was missing.

    With a user and queries: these decisions. With a user and one query with an empty id: why each resource is in the
    list of those that the user may use. With one query and no user: why each user is among those who may use it;
    `organization-id` keeps the people of that organization. At most ten paths each.

    Who may ask is as for the decisions themselves. What stands in the way of a thing, and by what facts somebody else
    is allowed, is told to services, the operator's staff and admins of the thing's organization (else `hidden`).
    """
    replica = await fresh(request)
    return answer(replica, msgspec.json.encode(explain(replica.facts, asking(request), data)))


ROUTES = [create]
