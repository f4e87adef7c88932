"""HTTP of users' states of features."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, ORGANIZATION_WRITE
from jsonapi import collection, delete, document, get, patch, post

from orgs.organization_features.schemas import ForceQuery
from orgs.user_features import commands, queries
from orgs.user_features.schemas import (
    KIND,
    ChangeUserFeatureDocument,
    NewUserFeatureDocument,
    UserFeatureCollection,
    UserFeatureDocument,
    UserFeatureQuery,
)

TAGS = ["User features"]
PATH = "/v1/user-features"
ONE = f"{PATH}/{{identifier:uuid}}"


@get(PATH, operation_id="listUserFeatures", permission=AUTHENTICATED, query=UserFeatureQuery, tags=TAGS)
async def list_(session: Session, principal: Caller, parameters: Parameters[UserFeatureQuery]) -> UserFeatureCollection:
    """List users' own states of features: the caller's, and those in organizations that the caller administers.

    The operator's staff and services see all. What is on for a user is told by `GET /v1/features/`.
    """
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


@post(PATH, operation_id="createUserFeature", permission=ORGANIZATION_WRITE, tags=TAGS)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewUserFeatureDocument]
) -> UserFeatureDocument:
    """Set a user's state of a feature in an organization; the operator's staff may leave out the organization.

    409 `not-assignable` where the feature is not assignable, unless the operator's staff use `force`.
    """
    identifier = await commands.create(session, principal, runtime, data.data.attributes)
    return document(KIND, *await queries.read(session, principal, identifier))


@get(ONE, operation_id="readUserFeature", permission=AUTHENTICATED, tags=TAGS)
async def read(session: Session, principal: Caller, identifier: FromPath[UUID]) -> UserFeatureDocument:
    """Read a user's state of a feature."""
    return document(KIND, *await queries.read(session, principal, identifier))


@patch(ONE, operation_id="updateUserFeature", permission=ORGANIZATION_WRITE, tags=TAGS)
async def update(
    session: Session, principal: Caller, identifier: FromPath[UUID], data: JSONBody[ChangeUserFeatureDocument]
) -> None:
    """Set another state."""
    await commands.update(session, principal, identifier, data.attributes_for(identifier))


@delete(ONE, operation_id="deleteUserFeature", permission=ORGANIZATION_WRITE, query=ForceQuery, tags=TAGS)
async def delete_(
    session: Session, principal: Caller, identifier: FromPath[UUID], parameters: Parameters[ForceQuery]
) -> None:
    """Leave a feature to the organization's state and the global setting again."""
    await commands.delete(session, principal, identifier, force=parameters.force)


ROUTES = [list_, create, read, update, delete_]
