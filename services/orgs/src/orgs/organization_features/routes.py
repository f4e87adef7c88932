"""HTTP of organizations' states of features."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Session
from contracts.permissions import ORGANIZATION_READ, ORGANIZATION_WRITE
from jsonapi import collection, delete, document, get, patch, post

from orgs.organization_features import commands, queries
from orgs.organization_features.schemas import (
    KIND,
    ChangeOrganizationFeatureDocument,
    ForceQuery,
    NewOrganizationFeatureDocument,
    OrganizationFeatureCollection,
    OrganizationFeatureDocument,
    OrganizationFeatureQuery,
)

TAGS = ["Organization features"]
PATH = "/v1/organization-features"
ONE = f"{PATH}/{{identifier:uuid}}"


@get(
    PATH,
    operation_id="listOrganizationFeatures",
    permission=ORGANIZATION_READ,
    query=OrganizationFeatureQuery,
    tags=TAGS,
)
async def list_(
    session: Session, principal: Caller, parameters: Parameters[OrganizationFeatureQuery]
) -> OrganizationFeatureCollection:
    """List the states that the caller's organizations have of features; the operator's staff see all."""
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


@post(PATH, operation_id="createOrganizationFeature", permission=ORGANIZATION_WRITE, tags=TAGS)
async def create(
    session: Session, principal: Caller, data: JSONBody[NewOrganizationFeatureDocument]
) -> OrganizationFeatureDocument:
    """Set an organization's state of a feature, for its administrators and the operator's staff.

    409 `not-assignable` where the feature is not assignable, unless the operator's staff use `force`.
    """
    identifier = await commands.create(session, principal, data.data.attributes)
    return document(KIND, *await queries.read(session, principal, identifier))


@get(ONE, operation_id="readOrganizationFeature", permission=ORGANIZATION_READ, tags=TAGS)
async def read(session: Session, principal: Caller, identifier: FromPath[UUID]) -> OrganizationFeatureDocument:
    """Read an organization's state of a feature."""
    return document(KIND, *await queries.read(session, principal, identifier))


@patch(ONE, operation_id="updateOrganizationFeature", permission=ORGANIZATION_WRITE, tags=TAGS)
async def update(
    session: Session, principal: Caller, identifier: FromPath[UUID], data: JSONBody[ChangeOrganizationFeatureDocument]
) -> None:
    """Set another state."""
    await commands.update(session, principal, identifier, data.attributes_for(identifier))


@delete(ONE, operation_id="deleteOrganizationFeature", permission=ORGANIZATION_WRITE, query=ForceQuery, tags=TAGS)
async def delete_(
    session: Session, principal: Caller, identifier: FromPath[UUID], parameters: Parameters[ForceQuery]
) -> None:
    """Leave a feature to its global setting again."""
    await commands.delete(session, principal, identifier, force=parameters.force)


ROUTES = [list_, create, read, update, delete_]
