"""HTTP of requests to compute columns of individuals."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Session
from contracts.permissions import AUTHENTICATED, INDIVIDUAL_READ
from jsonapi import document, get, post

from orgs.aggregation_requests import commands, queries
from orgs.aggregation_requests.schemas import KIND, AggregationDocument, NewAggregationDocument

TAGS = ["Aggregation requests"]
PATH = "/v1/aggregation-requests"


@post(PATH, operation_id="createAggregationRequest", permission=INDIVIDUAL_READ, tags=TAGS)
async def create(session: Session, principal: Caller, data: JSONBody[NewAggregationDocument]) -> AggregationDocument:
    """Ask for columns of up to 1,000 individuals to be computed again; `GET` the answer's id for the progress.

    `group-count`: in how many active regular groups; `last-login`: when its own user last signed in; `cohort-count`:
    in how many cohorts; `completion`: how much of them is completed. Each is computed by the service that owns it and
    shown under `aggregates` of the individual.
    """
    request_id = await commands.create(session, principal, data.data.attributes)
    return document(KIND, request_id, await queries.read(session, principal, request_id))


@get(f"{PATH}/{{request_id:uuid}}", operation_id="readAggregationRequest", permission=AUTHENTICATED, tags=TAGS)
async def read(session: Session, principal: Caller, request_id: FromPath[UUID]) -> AggregationDocument:
    """Read how far a request is: for who made it, the operator's staff and services. Kept for thirty days."""
    return document(KIND, request_id, await queries.read(session, principal, request_id))


ROUTES = [create, read]
