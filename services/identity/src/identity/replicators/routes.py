"""`/v1/replicators/`."""

from uuid import UUID

from chassis.arguments import FromPath, Parameters, Process
from contracts.permissions import SUPPORT
from jsonapi import collection, document, get

from identity.replicators import queries
from identity.replicators.schemas import ReplicatorCollection, ReplicatorDocument, ReplicatorsQuery


@get("/v1/replicators", operation_id="listReplicators", permission=SUPPORT, query=ReplicatorsQuery)
async def list_(runtime: Process, parameters: Parameters[ReplicatorsQuery]) -> ReplicatorCollection:
    """List who copies identity's events: the durable consumers of its stream, when made and when they last asked."""
    found = await queries.list_(runtime, parameters.page)
    return collection("replicators", found, lambda row: (queries.id_of(row), queries.attributes(row)))


@get("/v1/replicators/{replicator_id:uuid}", operation_id="readReplicator", permission=SUPPORT)
async def read(runtime: Process, replicator_id: FromPath[UUID]) -> ReplicatorDocument:
    """Read one of those who copy identity's events."""
    row = await queries.read(runtime, replicator_id)
    return document("replicators", queries.id_of(row), queries.attributes(row))


ROUTES = [list_, read]
