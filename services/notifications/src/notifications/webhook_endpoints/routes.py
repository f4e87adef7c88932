"""`/v1/webhook-endpoints/`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, ORGANIZATION_WRITE
from jsonapi import collection, delete, document, get, patch, post

from notifications.webhook_endpoints import commands, queries
from notifications.webhook_endpoints.access import READ_SCOPE, WRITE_SCOPE
from notifications.webhook_endpoints.deliveries import recording
from notifications.webhook_endpoints.deliveries import routes as deliveries
from notifications.webhook_endpoints.deliveries.queries import attributes as delivery_attributes
from notifications.webhook_endpoints.deliveries.schemas import KIND as DELIVERY
from notifications.webhook_endpoints.deliveries.schemas import DeliveryDocument
from notifications.webhook_endpoints.schemas import (
    KIND,
    TYPES_KIND,
    ChangeEndpointDocument,
    EndpointCollection,
    EndpointDocument,
    EndpointQuery,
    NewEndpointDocument,
    RotationDocument,
    TypeCollection,
)

TAGS = ["Webhook endpoints"]
PATH = "/v1/webhook-endpoints"
ONE = f"{PATH}/{{endpoint_id:uuid}}"


@get(
    PATH,
    operation_id="listWebhookEndpoints",
    permission=ORGANIZATION_WRITE,
    scope=READ_SCOPE,
    query=EndpointQuery,
    tags=TAGS,
)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[EndpointQuery]
) -> EndpointCollection:
    """List an organization's endpoints, by default those of the caller's; staff of the operator see all."""
    rows = await queries.list_(runtime, session, principal, parameters)
    return collection(KIND, rows, lambda row: (row.id, queries.attributes(row)))


@get(
    f"{PATH}/event-types",
    operation_id="listWebhookEventTypes",
    permission=AUTHENTICATED,
    scope=READ_SCOPE,
    tags=TAGS,
)
async def list_types() -> TypeCollection:
    """List the events that an endpoint can be told of, with the members of their `data`."""
    return collection(TYPES_KIND, queries.types(), lambda known: known)


@post(
    PATH,
    operation_id="createWebhookEndpoint",
    permission=ORGANIZATION_WRITE,
    scope=WRITE_SCOPE,
    secret_answer=True,
    in_person=True,
    tags=TAGS,
)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewEndpointDocument]
) -> EndpointDocument:
    """Make an endpoint: a public https address that is told of the organization's events from now on.

    The answer holds the key that everything sent is signed with (Standard Webhooks); it is not shown again.
    """
    row, secret = await commands.create(runtime, session, principal, data.data.attributes)
    return document(KIND, row.id, queries.attributes(row, secret))


@get(ONE, operation_id="readWebhookEndpoint", permission=ORGANIZATION_WRITE, scope=READ_SCOPE, tags=TAGS)
async def read(session: Session, principal: Caller, runtime: Process, endpoint_id: FromPath[UUID]) -> EndpointDocument:
    """Read an endpoint; its key is not shown."""
    row = await queries.read(runtime, session, principal, endpoint_id)
    return document(KIND, row.id, queries.attributes(row))


@patch(ONE, operation_id="updateWebhookEndpoint", permission=ORGANIZATION_WRITE, scope=WRITE_SCOPE, tags=TAGS)
async def update(
    session: Session,
    principal: Caller,
    runtime: Process,
    endpoint_id: FromPath[UUID],
    data: JSONBody[ChangeEndpointDocument],
) -> EndpointDocument:
    """Change an endpoint's address, description or events, or pause it. Events wait while it is paused.

    Whoever sets `status` to active again lets what waits go out; after 410 nothing has waited.
    """
    row = await commands.update(runtime, session, principal, endpoint_id, data.attributes_for(endpoint_id))
    return document(KIND, row.id, queries.attributes(row))


@delete(ONE, operation_id="deleteWebhookEndpoint", permission=ORGANIZATION_WRITE, scope=WRITE_SCOPE, tags=TAGS)
async def delete_(session: Session, principal: Caller, runtime: Process, endpoint_id: FromPath[UUID]) -> None:
    """Remove an endpoint with its log."""
    await commands.delete(runtime, session, principal, endpoint_id)


@post(
    f"{ONE}/rotate-secret",
    operation_id="rotateWebhookSecret",
    permission=ORGANIZATION_WRITE,
    scope=WRITE_SCOPE,
    secret_answer=True,
    in_person=True,
    tags=TAGS,
)
async def rotate_secret(
    session: Session, principal: Caller, runtime: Process, endpoint_id: FromPath[UUID], data: JSONBody[RotationDocument]
) -> EndpointDocument:
    """Give an endpoint another key, shown in this answer alone; the one before signs beside it for `overlap-hours`."""
    hours = data.data.attributes.overlap_hours
    row, secret = await commands.rotate(runtime, session, principal, endpoint_id, hours)
    return document(KIND, row.id, queries.attributes(row, secret))


@post(f"{ONE}/test", operation_id="testWebhookEndpoint", permission=ORGANIZATION_WRITE, scope=WRITE_SCOPE, tags=TAGS)
async def test(session: Session, principal: Caller, runtime: Process, endpoint_id: FromPath[UUID]) -> DeliveryDocument:
    """Send an endpoint a test event, paused or not: one try, of which the delivery tells. At most 20 an hour."""
    row = await recording.record_test(runtime, session, principal, endpoint_id)
    return document(DELIVERY, row.id, delivery_attributes(row))


ROUTES = [list_, list_types, create, read, update, delete_, rotate_secret, test, *deliveries.ROUTES]
