"""Features as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged
from msgspec import UNSET, Meta, UnsetType

from orgs.features.kinds import Stage, State

KIND = "features"
CHANGES_KIND = "feature-changes"
MOST_USERS = 1000
MOST_EMAILS = 100

FeatureId = Annotated[str, Meta(min_length=1, max_length=127, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")]
Description = Annotated[str, Meta(max_length=2000)]
Email = Annotated[str, Meta(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
Users = Annotated[list[UUID], Meta(min_length=1, max_length=MOST_USERS)]
Emails = Annotated[list[Email], Meta(min_length=1, max_length=MOST_EMAILS)]


class FeatureAttributes(msgspec.Struct, rename="kebab"):
    """A feature. What is not assignable changes for organizations and users by force only."""

    assignable: bool
    description: str
    global_enabled: bool
    stage: Stage
    created_time: datetime
    last_modified_time: datetime


class NewFeature(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A feature to be made; `id` is its name."""

    id: FeatureId
    description: Description = ""
    stage: Stage = "alpha"
    global_enabled: bool = False
    assignable: bool = False


class FeatureChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of a feature."""

    description: Description | UnsetType = UNSET
    stage: Stage | UnsetType = UNSET
    global_enabled: bool | UnsetType = UNSET
    assignable: bool | UnsetType = UNSET


class UsersToAdd(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Users who get a state of the feature, by id, by e-mail or both."""

    user_ids: Users | UnsetType = UNSET
    user_emails: Emails | UnsetType = UNSET
    state: State = "enabled"
    force: bool = False


class UsersToRemove(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Users who lose their own state of the feature, by id, by e-mail or both."""

    user_ids: Users | UnsetType = UNSET
    user_emails: Emails | UnsetType = UNSET
    force: bool = False


class ChangeAttributes(msgspec.Struct, rename="kebab"):
    """One change: of a field of the feature, or of its state for an organization or a user."""

    feature_id: str
    organization_id: UUID | None
    user_id: UUID | None
    field: str
    before: str | None
    after: str | None
    forced: bool
    changed_by: str
    changed_time: datetime


class FeatureQuery(Paged, kw_only=True):
    """Parameters of the list of features."""

    assignable: bool | None = msgspec.field(name="filter[assignable]", default=None)
    individual_id: UUID | None = msgspec.field(name="filter[individual-id]", default=None)
    organization_id: UUID | None = msgspec.field(name="filter[organization-id]", default=None)
    user_id: UUID | None = msgspec.field(name="filter[user-id]", default=None)


class ChangeQuery(Paged, kw_only=True):
    """Parameters of the list of a feature's changes."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    user_id: UUID | None = msgspec.field(name="user-id", default=None)


FeatureDocument = Document[Literal["features"], FeatureAttributes]
FeatureCollection = Collection[Literal["features"], FeatureAttributes]
ChangeCollection = Collection[Literal["feature-changes"], ChangeAttributes]
NewFeatureDocument = NewDocument[Literal["features"], NewFeature]
ChangeFeatureDocument = ChangeDocument[Literal["features"], FeatureChanges]
