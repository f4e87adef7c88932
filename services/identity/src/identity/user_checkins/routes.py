"""`/v1/user-checkins/`."""

from chassis.arguments import Caller, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, document, get, post

from identity.user_checkins import commands, queries
from identity.user_checkins.schemas import (
    NewUserCheckin,
    UserCheckinCollection,
    UserCheckinDocument,
    UserCheckinsQuery,
)


@get("/v1/user-checkins", operation_id="listUserCheckins", permission=AUTHENTICATED, query=UserCheckinsQuery)
async def list_(
    session: Session, principal: Caller, parameters: Parameters[UserCheckinsQuery]
) -> UserCheckinCollection:
    """List the devices that an individual's user reported from, the newest first; kept for 400 days.

    With `summary` the newest of each source. An individual whom the caller does not see has none.
    """
    found = await queries.list_(session, principal, parameters)
    return collection("user-checkins", found, lambda row: (row.id, queries.attributes(row)))


@post("/v1/user-checkins", operation_id="createUserCheckin", permission=AUTHENTICATED)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewUserCheckin]
) -> UserCheckinDocument:
    """Report the device that the caller's app runs on."""
    row = await commands.create(runtime, session, principal, data.data.attributes)
    return document("user-checkins", row.id, queries.attributes(row))


ROUTES = [list_, create]
