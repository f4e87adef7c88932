"""HTTP of individuals."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import INDIVIDUAL_READ, INDIVIDUAL_WRITE
from jsonapi import collection, document, get, patch, post

from orgs.individuals import commands, queries
from orgs.individuals.schemas import (
    KIND,
    ChangeIndividualDocument,
    IndividualCollection,
    IndividualDocument,
    IndividualQuery,
    NewIndividualDocument,
)

TAGS = ["Individuals"]


@get("/v1/individuals", operation_id="listIndividuals", permission=INDIVIDUAL_READ, query=IndividualQuery, tags=TAGS)
async def list_(session: Session, principal: Caller, parameters: Parameters[IndividualQuery]) -> IndividualCollection:
    """List the individuals that the caller may read."""
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


@post("/v1/individuals", operation_id="createIndividual", permission=INDIVIDUAL_WRITE, tags=TAGS)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewIndividualDocument]
) -> IndividualDocument:
    """Register an individual with its owner, an organization or a user."""
    return document(KIND, *await commands.create(session, principal, runtime, data.data.attributes))


@get("/v1/individuals/{individual_id:uuid}", operation_id="readIndividual", permission=INDIVIDUAL_READ, tags=TAGS)
async def read(session: Session, principal: Caller, individual_id: FromPath[UUID]) -> IndividualDocument:
    """Read an individual."""
    return document(KIND, individual_id, await queries.read(session, principal, individual_id))


@patch("/v1/individuals/{individual_id:uuid}", operation_id="updateIndividual", permission=INDIVIDUAL_WRITE, tags=TAGS)
async def update(
    session: Session, principal: Caller, individual_id: FromPath[UUID], data: JSONBody[ChangeIndividualDocument]
) -> IndividualDocument:
    """Change an individual's names, birth date or addresses."""
    changes = data.attributes_for(individual_id)
    return document(KIND, individual_id, await commands.update(session, principal, individual_id, changes))


ROUTES = [list_, create, read, update]
