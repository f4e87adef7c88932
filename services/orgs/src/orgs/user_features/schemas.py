"""States of features for users as they go in and out."""

from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged, Text

from orgs.features.kinds import State
from orgs.features.schemas import Email, FeatureId
from orgs.organization_features.schemas import StateChange

KIND = "user-features"


class UserFeatureAttributes(msgspec.Struct, rename="kebab"):
    """A user's own state of a feature; without an organization it holds in all. A feature's name is its id."""

    feature_id: str
    feature_name: str
    organization_id: UUID | None
    state: State
    user_email: str | None
    user_id: UUID


class NewUserFeature(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A state to be set; only the operator's staff set one without an organization."""

    feature_name: FeatureId
    user_id: UUID
    organization_id: UUID | None = None
    state: State = "enabled"
    force: bool = False


class UserFeatureQuery(Paged, kw_only=True):
    """Parameters of the list of users' states."""

    feature_name: Text | None = msgspec.field(name="filter[feature-name]", default=None)
    organization_id: UUID | None = msgspec.field(name="filter[organization-id]", default=None)
    user_email: Email | None = msgspec.field(name="user-email", default=None)
    user_id: UUID | None = msgspec.field(name="user-id", default=None)


UserFeatureDocument = Document[Literal["user-features"], UserFeatureAttributes]
UserFeatureCollection = Collection[Literal["user-features"], UserFeatureAttributes]
NewUserFeatureDocument = NewDocument[Literal["user-features"], NewUserFeature]
ChangeUserFeatureDocument = ChangeDocument[Literal["user-features"], StateChange]
