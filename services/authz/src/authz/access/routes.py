"""`/access/v1`."""

from typing import Any

import msgspec
from chassis.arguments import JSONBody
from contracts.permissions import AUTHENTICATED
from jsonapi import post
from kernel import Invalid

from authz.access import search
from authz.access.evaluate import evaluate, evaluate_all
from authz.access.schemas import (
    Actions,
    ActionSearch,
    Decision,
    Decisions,
    Entities,
    EvaluationRequest,
    EvaluationsRequest,
    ResourceSearch,
    SubjectSearch,
)
from authz.answers import Asked, Written, answer, asking, fresh
from authz.replica import Replica

TAGS = ["AuthZEN"]
LARGEST_BODY = 4 * 1024 * 1024


@post(
    "/access/v1/evaluation",
    operation_id="evaluateAccess",
    permission=AUTHENTICATED,
    status=200,
    tags=TAGS,
    reads=True,
    body=EvaluationRequest,
)
async def evaluation(request: Asked, data: EvaluationRequest) -> Written[Decision]:
    """Decide whether a subject may do something to a resource (AuthZEN 1.0, Access Evaluation).

    Subjects are of the type `user`. What is unknown is denied. Who may ask about whom is as for
    authz-resource-access; conditions of grants read the properties and the context.
    """
    replica = await _fresh(request)
    return _answer(replica, evaluate(replica.facts, asking(request), data))


@post(
    "/access/v1/evaluations",
    operation_id="evaluateAccesses",
    permission=AUTHENTICATED,
    status=200,
    tags=TAGS,
    request_max_body_size=LARGEST_BODY,
)
async def evaluations(request: Asked, data: JSONBody[EvaluationsRequest]) -> Written[Decisions]:
    """Decide up to 10,000 questions (AuthZEN 1.0, Access Evaluations).

    What a question leaves out is taken from the top, whole entities only. A malformed question is denied and says why.
    `options.evaluations_semantic` may end the batch at the first deny or permit. Without questions the top is the
    question and the answer that of `evaluation`.
    """
    replica = await _fresh(request)
    return _answer(replica, await evaluate_all(replica.facts, asking(request), data))


@post("/access/v1/search/subject", operation_id="searchSubjects", permission=AUTHENTICATED, status=200, tags=TAGS)
async def search_subject(request: Asked, data: JSONBody[SubjectSearch]) -> Written[Entities]:
    """Find the users who may do something to a resource (AuthZEN 1.0, Subject Search).

    Services and the operator's staff find everybody, an org.admin the people of their current organization. What is
    unknown finds nothing.
    """
    replica = await _fresh(request)
    return _answer(replica, search.subjects(replica.facts, asking(request), data))


@post("/access/v1/search/resource", operation_id="searchResources", permission=AUTHENTICATED, status=200, tags=TAGS)
async def search_resource(request: Asked, data: JSONBody[ResourceSearch]) -> Written[Entities]:
    """Find the resources of a type to which a subject may do something (AuthZEN 1.0, Resource Search)."""
    replica = await _fresh(request)
    return _answer(replica, search.resources(replica.facts, asking(request), data))


@post("/access/v1/search/action", operation_id="searchActions", permission=AUTHENTICATED, status=200, tags=TAGS)
async def search_action(request: Asked, data: JSONBody[ActionSearch]) -> Written[Actions]:
    """Find what a subject may do to a resource (AuthZEN 1.0, Action Search)."""
    replica = await _fresh(request)
    return _answer(replica, search.actions(replica.facts, asking(request), data))


async def _fresh(request: Asked) -> Replica:
    """The index. The specification wants 400 for a body that is not declared as JSON."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Invalid("The body is JSON: say application/json.", code="unsupported-media-type")
    return await fresh(request)


def _answer(replica: Replica, body: msgspec.Struct) -> Written[Any]:
    return answer(replica, msgspec.json.encode(body), 200)


ROUTES = [evaluation, evaluations, search_subject, search_resource, search_action]
