"""HTTP of features."""

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED, SUPPORT
from jsonapi import collection, delete, document, get, patch, post

from orgs.features import commands, history, queries
from orgs.features.schemas import (
    CHANGES_KIND,
    KIND,
    ChangeCollection,
    ChangeFeatureDocument,
    ChangeQuery,
    FeatureCollection,
    FeatureDocument,
    FeatureQuery,
    NewFeatureDocument,
    UsersToAdd,
    UsersToRemove,
)

TAGS = ["Features"]
PATH = "/v1/features"
ONE = f"{PATH}/{{feature_id:str}}"


@get(PATH, operation_id="listFeatures", permission=AUTHENTICATED, query=FeatureQuery, tags=TAGS)
async def list_(session: Session, principal: Caller, parameters: Parameters[FeatureQuery]) -> FeatureCollection:
    """List features: all, or those that are on for a user, an individual's user or an organization.

    A user's own state wins, then the organization's, then the global one; `dontcare` leaves it to the next. A user is
    asked for by themselves, administrators of their organizations, the operator's staff and services. Of several
    organizations one in which the feature is on is enough, unless `filter[organization-id]` names one.
    """
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


@post(PATH, operation_id="createFeature", permission=SUPPORT, tags=TAGS)
async def create(session: Session, principal: Caller, data: JSONBody[NewFeatureDocument]) -> FeatureDocument:
    """Make a feature. Its `id` is its name: letters, digits, `.`, `_`, `:` and `-`."""
    new = data.data.attributes
    await commands.create(session, principal, new)
    return document(KIND, new.id, await queries.read(session, new.id))


@get(ONE, operation_id="readFeature", permission=AUTHENTICATED, tags=TAGS)
async def read(session: Session, feature_id: FromPath[str]) -> FeatureDocument:
    """Read a feature."""
    return document(KIND, feature_id, await queries.read(session, feature_id))


@patch(ONE, operation_id="updateFeature", permission=SUPPORT, tags=TAGS)
async def update(
    session: Session, principal: Caller, feature_id: FromPath[str], data: JSONBody[ChangeFeatureDocument]
) -> FeatureDocument:
    """Change a feature's description, stage (alpha, beta, ga), global setting, or whether it is assignable."""
    await commands.update(session, principal, feature_id, data.attributes_for(feature_id))
    return document(KIND, feature_id, await queries.read(session, feature_id))


@delete(ONE, operation_id="deleteFeature", permission=SUPPORT, tags=TAGS)
async def delete_(session: Session, principal: Caller, feature_id: FromPath[str]) -> None:
    """Remove a feature of which nobody has a state; 409 `in-use` otherwise. Its history stays."""
    await commands.delete(session, principal, feature_id)


@post(f"{ONE}/add-users", operation_id="addFeatureUsers", permission=SUPPORT, tags=TAGS)
async def add_users(
    session: Session, principal: Caller, runtime: Process, feature_id: FromPath[str], data: JSONBody[UsersToAdd]
) -> FeatureDocument:
    """Give up to 1,000 users by id, or 100 by e-mail, a state of their own that holds in every organization.

    Twice changes nothing. 404 names each person who is unknown, and nothing is changed; 409 `not-assignable` without
    `force` where the feature is not assignable.
    """
    await commands.add_users(session, principal, runtime, feature_id, data)
    return document(KIND, feature_id, await queries.read(session, feature_id))


@post(f"{ONE}/remove-users", operation_id="removeFeatureUsers", permission=SUPPORT, tags=TAGS)
async def remove_users(
    session: Session, principal: Caller, runtime: Process, feature_id: FromPath[str], data: JSONBody[UsersToRemove]
) -> FeatureDocument:
    """Take away the states that users have of their own in every organization. Who has none is no matter."""
    await commands.remove_users(session, principal, runtime, feature_id, data)
    return document(KIND, feature_id, await queries.read(session, feature_id))


@get(f"{ONE}/changes", operation_id="listFeatureChanges", permission=AUTHENTICATED, query=ChangeQuery, tags=TAGS)
async def changes(
    session: Session, principal: Caller, feature_id: FromPath[str], parameters: Parameters[ChangeQuery]
) -> ChangeCollection:
    """List who changed what of a feature and its states, the newest first.

    The operator's staff see all, administrators what concerns their organizations, others what concerns themselves.
    """
    found = await history.list_(session, principal, feature_id, parameters)
    return collection(CHANGES_KIND, found, lambda row: row)


ROUTES = [list_, create, read, update, delete_, add_users, remove_users, changes]
