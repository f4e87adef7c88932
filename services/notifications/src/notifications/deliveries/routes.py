"""`/v1/deliveries/`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, ORGANIZATION_WRITE
from jsonapi import collection, document, get, post

from notifications.deliveries import queries, retrying
from notifications.deliveries.schemas import KIND, DeliveryCollection, DeliveryDocument, DeliveryQuery

PATH = "/v1/deliveries"
ONE = f"{PATH}/{{delivery_id:uuid}}"


@get(PATH, operation_id="listDeliveries", permission=AUTHENTICATED, query=DeliveryQuery)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[DeliveryQuery]
) -> DeliveryCollection:
    """List messages on their way and what became of them, newest first: an organization's, or all for staff."""
    rows = await queries.list_(session, runtime, principal, parameters)
    return collection(KIND, rows, lambda row: (row.id, queries.attributes(row)))


@get(ONE, operation_id="readDelivery", permission=AUTHENTICATED)
async def read(session: Session, principal: Caller, runtime: Process, delivery_id: FromPath[UUID]) -> DeliveryDocument:
    """Read what became of one message."""
    row = await queries.read(session, runtime, principal, delivery_id)
    return document(KIND, row.id, queries.attributes(row))


@post(f"{ONE}/retry", operation_id="retryDelivery", permission=ORGANIZATION_WRITE)
async def retry(session: Session, principal: Caller, runtime: Process, delivery_id: FromPath[UUID]) -> DeliveryDocument:
    """Send again what failed or bounced; 409 where it did neither, or the message has expired.

    An address on the suppression list is still not sent to: lift it there first.
    """
    row = await retrying.retry(session, runtime, principal, delivery_id)
    return document(KIND, row.id, queries.attributes(row))


ROUTES = [list_, read, retry]
