"""`/v1/suppressions/`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import OPERATOR, ORGANIZATION_READ, ORGANIZATION_WRITE
from jsonapi import collection, delete, document, get, post

from notifications.suppressions import commands
from notifications.suppressions.schemas import (
    KIND,
    NewSuppressionDocument,
    SuppressionAttributes,
    SuppressionCollection,
    SuppressionDocument,
    SuppressionQuery,
)
from notifications.templates.presenting import attributes_of

TAGS = ["Suppressions"]
PATH = "/v1/suppressions"


@get(PATH, operation_id="listSuppressions", permission=ORGANIZATION_READ, query=SuppressionQuery, tags=TAGS)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[SuppressionQuery]
) -> SuppressionCollection:
    """List addresses that are not sent to: they bounced for good, or their owner complained."""
    found = await commands.list_(session, runtime, principal, parameters)
    return collection(KIND, found, lambda row: (row.id, attributes_of(SuppressionAttributes, row)))


@post(PATH, operation_id="createSuppression", permission=OPERATOR, tags=TAGS)
async def create(session: Session, data: JSONBody[NewSuppressionDocument]) -> SuppressionDocument:
    """Put an address on the list."""
    row = await commands.create(session, data.data.attributes)
    return document(KIND, row.id, attributes_of(SuppressionAttributes, row))


@delete(f"{PATH}/{{suppression_id:uuid}}", operation_id="deleteSuppression", permission=ORGANIZATION_WRITE, tags=TAGS)
async def delete_(session: Session, principal: Caller, runtime: Process, suppression_id: FromPath[UUID]) -> None:
    """Lift a suppression: the address is sent to again."""
    await commands.lift(session, runtime, principal, suppression_id)


ROUTES = [list_, create, delete_]
