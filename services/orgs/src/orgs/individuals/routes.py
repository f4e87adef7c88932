"""HTTP of individuals."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import INDIVIDUAL_READ, INDIVIDUAL_WRITE
from jsonapi import collection, document, get, patch, post

from orgs.individuals import commands, ownership, queries
from orgs.individuals.schemas import (
    KIND,
    OWNERS_KIND,
    ChangeIndividualDocument,
    IndividualCollection,
    IndividualDocument,
    IndividualQuery,
    NewIndividualDocument,
    NewOwner,
    OwnerCollection,
    OwnerQuery,
)

TAGS = ["Individuals"]


@get(
    "/v1/individuals",
    operation_id="listIndividuals",
    permission=INDIVIDUAL_READ,
    scope="individual:read",
    query=IndividualQuery,
    tags=TAGS,
)
async def list_(session: Session, principal: Caller, parameters: Parameters[IndividualQuery]) -> IndividualCollection:
    """List the individuals that the caller may read."""
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


@post(
    "/v1/individuals", operation_id="createIndividual", permission=INDIVIDUAL_WRITE, scope="individual:write", tags=TAGS
)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewIndividualDocument]
) -> IndividualDocument:
    """Register an individual with its owner, an organization or a user."""
    return document(KIND, *await commands.create(session, principal, runtime, data.data.attributes))


@get(
    "/v1/individuals/{individual_id:uuid}",
    operation_id="readIndividual",
    permission=INDIVIDUAL_READ,
    scope="individual:read",
    tags=TAGS,
)
async def read(session: Session, principal: Caller, individual_id: FromPath[UUID]) -> IndividualDocument:
    """Read an individual."""
    return document(KIND, individual_id, await queries.read(session, principal, individual_id))


@patch(
    "/v1/individuals/{individual_id:uuid}",
    operation_id="updateIndividual",
    permission=INDIVIDUAL_WRITE,
    scope="individual:write",
    tags=TAGS,
)
async def update(
    session: Session, principal: Caller, individual_id: FromPath[UUID], data: JSONBody[ChangeIndividualDocument]
) -> IndividualDocument:
    """Change an individual's names, birth date or addresses."""
    changes = data.attributes_for(individual_id)
    return document(KIND, individual_id, await commands.update(session, principal, individual_id, changes))


@post(
    "/v1/individuals/{individual_id:uuid}/transfer-ownership",
    operation_id="transferIndividualOwnership",
    permission=INDIVIDUAL_WRITE,
    tags=TAGS,
)
async def transfer_ownership(
    session: Session, principal: Caller, runtime: Process, individual_id: FromPath[UUID], data: JSONBody[NewOwner]
) -> IndividualDocument:
    """Give an individual another owner, for who may decide for both owners: their administrator, or the user.

    The individual leaves the groups of the former organization and comes to the kept groups of the new one; its own
    user, as a participant, goes along. Who owned it before stays on record.
    """
    await ownership.transfer_ownership(session, principal, runtime, individual_id, data)
    return document(KIND, individual_id, await queries.attributes(session, individual_id))


@get(
    "/v1/individuals/{individual_id:uuid}/owners",
    operation_id="listIndividualOwners",
    permission=INDIVIDUAL_READ,
    scope="individual:read",
    query=OwnerQuery,
    tags=TAGS,
)
async def owners(
    session: Session, principal: Caller, individual_id: FromPath[UUID], parameters: Parameters[OwnerQuery]
) -> OwnerCollection:
    """List who owns an individual and who did before, the present owner first."""
    return collection(
        OWNERS_KIND, await ownership.owners(session, principal, individual_id, parameters), lambda row: row
    )


ROUTES = [list_, create, read, update, transfer_ownership, owners]
