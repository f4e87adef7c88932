"""`/v1/user-replications/`."""

from chassis.arguments import Caller, JSONBody, Parameters, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, document, get, post

from identity.user_replications import commands, queries
from identity.user_replications.schemas import (
    NewUserReplication,
    UserReplicationCollection,
    UserReplicationDocument,
    UserReplicationsQuery,
)


@get(
    "/v1/user-replications", operation_id="listUserReplications", permission=AUTHENTICATED, query=UserReplicationsQuery
)
async def list_(
    session: Session, principal: Caller, parameters: Parameters[UserReplicationsQuery]
) -> UserReplicationCollection:
    """List the services that said that they hold a copy of a user: for the person themselves and operator's staff."""
    found = await queries.list_(session, principal, parameters)
    return collection("user-replications", found, lambda row: (row.id, queries.attributes(row)))


@post("/v1/user-replications", operation_id="createUserReplication", permission=AUTHENTICATED)
async def create(session: Session, principal: Caller, data: JSONBody[NewUserReplication]) -> UserReplicationDocument:
    """Note that a service holds a copy of a user. A service says it of itself, the operator of any."""
    row = await commands.create(session, principal, data.data.attributes)
    return document("user-replications", row.id, queries.attributes(row))


ROUTES = [list_, create]
