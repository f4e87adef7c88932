"""States of features for organizations as they go in and out."""

from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged, Query, Text

from orgs.features.kinds import State
from orgs.features.schemas import FeatureId

KIND = "organization-features"


class OrganizationFeatureAttributes(msgspec.Struct, rename="kebab"):
    """What an organization has decided of a feature. A feature's name is its id."""

    feature_assignable: bool
    feature_id: str
    feature_name: str
    organization_id: UUID
    organization_name: str
    state: State


class NewOrganizationFeature(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A state to be set."""

    feature_name: FeatureId
    organization_id: UUID
    state: State = "enabled"
    force: bool = False


class StateChange(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Another state."""

    state: State
    force: bool = False


class ForceQuery(Query, kw_only=True):
    """Whether a state of a feature that is not assignable is to go."""

    force: bool = False


class OrganizationFeatureQuery(Paged, kw_only=True):
    """Parameters of the list of organizations' states."""

    feature_name: Text | None = msgspec.field(name="filter[feature-name]", default=None)
    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)


OrganizationFeatureDocument = Document[Literal["organization-features"], OrganizationFeatureAttributes]
OrganizationFeatureCollection = Collection[Literal["organization-features"], OrganizationFeatureAttributes]
NewOrganizationFeatureDocument = NewDocument[Literal["organization-features"], NewOrganizationFeature]
ChangeOrganizationFeatureDocument = ChangeDocument[Literal["organization-features"], StateChange]
