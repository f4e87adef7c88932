"""What orgs announces."""

from typing import Literal
from uuid import UUID

from contracts.event import Event, event


@event("orgs", "organization", "created")
class OrganizationCreated(Event, frozen=True, kw_only=True):
    """A tenant exists. `number` is its integer in the projects dialect."""

    organization_id: UUID
    number: int
    name: str
    display_name: str
    created_by: UUID | None = None
    timezone: str = "UTC"


@event("orgs", "organization", "updated")
class OrganizationUpdated(Event, frozen=True, kw_only=True):
    """A tenant's names or standing changed."""

    organization_id: UUID
    name: str
    display_name: str
    is_active: bool
    theme_id: UUID | None = None
    timezone: str = "UTC"


@event("orgs", "theme", "created")
class ThemeCreated(Event, frozen=True, kw_only=True):
    """A theme exists: a domain and a support address that organizations may share."""

    theme_id: UUID


@event("orgs", "theme", "updated")
class ThemeUpdated(Event, frozen=True, kw_only=True):
    """A theme's domain, support address or standing changed."""

    theme_id: UUID


@event("orgs", "theme", "deleted")
class ThemeDeleted(Event, frozen=True, kw_only=True):
    """A theme is gone; no organization used it."""

    theme_id: UUID


@event("orgs", "organization", "user_added")
class OrganizationUserAdded(Event, frozen=True, kw_only=True):
    """A login belongs to the organization: as staff with a role, or as a participant without one."""

    organization_id: UUID
    user_id: UUID
    account_type: Literal["provider", "patient"]
    role: str | None = None
    individual_id: UUID | None = None


@event("orgs", "organization", "user_removed")
class OrganizationUserRemoved(Event, frozen=True, kw_only=True):
    """A login no longer belongs to the organization; its roles there are gone with it."""

    organization_id: UUID
    user_id: UUID


@event("orgs", "organization_code", "created")
class OrganizationCodeCreated(Event, frozen=True, kw_only=True):
    """A sign-up code exists."""

    code: str
    organization_id: UUID


@event("orgs", "organization_code", "updated")
class OrganizationCodeUpdated(Event, frozen=True, kw_only=True):
    """A sign-up code's group, expiry or enrollment schema changed."""

    code: str
    organization_id: UUID


@event("orgs", "organization_code", "deleted")
class OrganizationCodeDeleted(Event, frozen=True, kw_only=True):
    """A sign-up code is gone; nobody had come by it."""

    code: str
    organization_id: UUID


@event("orgs", "individual", "registered")
class IndividualRegistered(Event, frozen=True, kw_only=True):
    """An organization, or a user, owns an individual; `user_id` is the individual's own login."""

    individual_id: UUID
    owner_id: UUID
    owner_type: Literal["organization", "user"]
    organization_id: UUID | None = None
    user_id: UUID | None = None


@event("orgs", "individual", "updated")
class IndividualUpdated(Event, frozen=True, kw_only=True):
    """An individual's owner or own login changed."""

    individual_id: UUID
    owner_id: UUID
    owner_type: Literal["organization", "user"]
    organization_id: UUID | None = None
    user_id: UUID | None = None


@event("orgs", "individual", "archived")
class IndividualArchived(Event, frozen=True, kw_only=True):
    """An individual is no longer cared for: it is kept, and left out of lists and groups."""

    individual_id: UUID
    organization_id: UUID | None = None


@event("orgs", "individual", "erased")
class IndividualErased(Event, frozen=True, kw_only=True):
    """An individual is gone for good."""

    individual_id: UUID
    organization_id: UUID | None = None


@event("orgs", "group", "created")
class GroupCreated(Event, frozen=True, kw_only=True):
    """A group stands in an organization's forest."""

    group_id: UUID
    organization_id: UUID
    parent_id: UUID | None
    name: str
    node_type: Literal["division", "group"]
    type: str


@event("orgs", "group", "updated")
class GroupUpdated(Event, frozen=True, kw_only=True):
    """A group's name, kind or standing changed."""

    group_id: UUID
    organization_id: UUID
    name: str
    node_type: Literal["division", "group"]
    is_active: bool


@event("orgs", "group", "moved")
class GroupMoved(Event, frozen=True, kw_only=True):
    """A group stands under another parent, and its whole subtree with it. One event however large the subtree."""

    group_id: UUID
    organization_id: UUID
    parent_id: UUID | None


@event("orgs", "group", "deleted")
class GroupDeleted(Event, frozen=True, kw_only=True):
    """A group is gone; it had no children."""

    group_id: UUID
    organization_id: UUID


@event("orgs", "group", "people_changed")
class GroupPeopleChanged(Event, frozen=True, kw_only=True):
    """People came to a group or left it, as individuals (by individual id), leaders or members (by user id)."""

    group_id: UUID
    organization_id: UUID
    kind: Literal["individual", "leader", "member"]
    added: tuple[UUID, ...] = ()
    removed: tuple[UUID, ...] = ()


@event("orgs", "feature", "created")
class FeatureCreated(Event, frozen=True, kw_only=True):
    """A feature exists."""

    feature_id: str
    stage: Literal["alpha", "beta", "ga"]
    global_enabled: bool
    assignable: bool


@event("orgs", "feature", "updated")
class FeatureUpdated(Event, frozen=True, kw_only=True):
    """A feature's stage or global setting, or what it says of itself, changed."""

    feature_id: str
    stage: Literal["alpha", "beta", "ga"]
    global_enabled: bool
    assignable: bool


@event("orgs", "feature", "deleted")
class FeatureDeleted(Event, frozen=True, kw_only=True):
    """A feature is gone; nobody had a state of it."""

    feature_id: str


@event("orgs", "feature", "organization_changed")
class FeatureOrganizationChanged(Event, frozen=True, kw_only=True):
    """An organization has another state of a feature; None: none of its own."""

    feature_id: str
    organization_id: UUID
    state: Literal["enabled", "disabled", "dontcare"] | None


@event("orgs", "feature", "users_changed")
class FeatureUsersChanged(Event, frozen=True, kw_only=True):
    """Users have another state of a feature, in one organization or everywhere; None: none of their own."""

    feature_id: str
    user_ids: tuple[UUID, ...]
    state: Literal["enabled", "disabled", "dontcare"] | None
    organization_id: UUID | None = None


@event("orgs", "aggregation", "requested")
class AggregationRequested(Event, frozen=True, kw_only=True):
    """A column of individuals is to be computed by the service that owns it, which reports a number for each.

    At most 500 at a time; `user_ids` are the individuals' own logins in the same order.
    """

    request_id: UUID
    column: Literal["last-login", "cohort-count", "completion"]
    individual_ids: tuple[UUID, ...]
    user_ids: tuple[UUID | None, ...]
