"""`/v1/purge-data/`."""

from chassis.arguments import Caller, JSONBody, Session
from contracts.permissions import OPERATOR
from jsonapi import post

from identity.purge_data import commands
from identity.purge_data.schemas import SystemPurgeDocument


@post("/v1/purge-data", operation_id="purgeData", permission=OPERATOR, in_person=True)
async def purge_data(session: Session, principal: Caller, data: JSONBody[SystemPurgeDocument]) -> None:
    """Start the erasure in one service.

    The platform does this by itself, in stages, and again with backoff for a day; the operator does it for a service
    that was given up.
    """
    await commands.purge_data(session, principal, data.data.attributes)


ROUTES = [purge_data]
