"""`/v1/webhook-endpoints/{id}/deliveries/` and replays."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import ORGANIZATION_WRITE
from jsonapi import collection, document, get, post

from notifications.webhook_endpoints.access import READ_SCOPE, WRITE_SCOPE
from notifications.webhook_endpoints.deliveries import queries, replaying
from notifications.webhook_endpoints.deliveries.schemas import (
    ATTEMPT_KIND,
    KIND,
    AttemptCollection,
    AttemptQuery,
    DeliveryCollection,
    DeliveryDocument,
    DeliveryQuery,
    ReplayDocument,
    ReplayedAnswer,
)

TAGS = ["Webhook endpoints"]
ENDPOINT = "/v1/webhook-endpoints/{endpoint_id:uuid}"
PATH = f"{ENDPOINT}/deliveries"
ONE = f"{PATH}/{{delivery_id:uuid}}"


@get(
    PATH,
    operation_id="listWebhookDeliveries",
    permission=ORGANIZATION_WRITE,
    scope=READ_SCOPE,
    query=DeliveryQuery,
    tags=TAGS,
)
async def list_(
    session: Session,
    principal: Caller,
    runtime: Process,
    endpoint_id: FromPath[UUID],
    parameters: Parameters[DeliveryQuery],
) -> DeliveryCollection:
    """List what was sent to an endpoint, newest first, and what became of it. It is kept for 30 days."""
    rows = await queries.list_(runtime, session, principal, endpoint_id, parameters)
    return collection(KIND, rows, lambda row: (row.id, queries.attributes(row)))


@get(ONE, operation_id="readWebhookDelivery", permission=ORGANIZATION_WRITE, scope=READ_SCOPE, tags=TAGS)
async def read(
    session: Session, principal: Caller, runtime: Process, endpoint_id: FromPath[UUID], delivery_id: FromPath[UUID]
) -> DeliveryDocument:
    """Read one delivery."""
    row = await queries.read(runtime, session, principal, endpoint_id, delivery_id)
    return document(KIND, row.id, queries.attributes(row))


@get(
    f"{ONE}/attempts",
    operation_id="listWebhookAttempts",
    permission=ORGANIZATION_WRITE,
    scope=READ_SCOPE,
    query=AttemptQuery,
    tags=TAGS,
)
async def list_attempts(
    session: Session,
    principal: Caller,
    runtime: Process,
    endpoint_id: FromPath[UUID],
    delivery_id: FromPath[UUID],
    parameters: Parameters[AttemptQuery],
) -> AttemptCollection:
    """List the tries at a delivery, newest first: status or why there was none, duration, the answer's beginning."""
    rows = await queries.attempts(runtime, session, principal, endpoint_id, delivery_id, parameters)
    return collection(ATTEMPT_KIND, rows, lambda row: (str(row.number), queries.attempt_attributes(row)))


@post(
    f"{ONE}/replay", operation_id="replayWebhookDelivery", permission=ORGANIZATION_WRITE, scope=WRITE_SCOPE, tags=TAGS
)
async def replay(
    session: Session, principal: Caller, runtime: Process, endpoint_id: FromPath[UUID], delivery_id: FromPath[UUID]
) -> DeliveryDocument:
    """Send a delivery again, whatever became of it, under the same `webhook-id`; 409 while the endpoint is paused."""
    row = await replaying.replay(runtime, session, principal, endpoint_id, delivery_id)
    return document(KIND, row.id, queries.attributes(row))


@post(
    f"{ENDPOINT}/replay",
    operation_id="replayWebhookDeliveries",
    permission=ORGANIZATION_WRITE,
    scope=WRITE_SCOPE,
    tags=TAGS,
)
async def replay_since(
    session: Session, principal: Caller, runtime: Process, endpoint_id: FromPath[UUID], data: JSONBody[ReplayDocument]
) -> ReplayedAnswer:
    """Send again what was given up since a time, at most 10,000 a call; with `include-delivered` all, but for tests."""
    return ReplayedAnswer(await replaying.replay_since(runtime, session, principal, endpoint_id, data.data.attributes))


ROUTES = [list_, read, list_attempts, replay, replay_since]
