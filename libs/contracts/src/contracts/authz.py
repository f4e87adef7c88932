"""What authz announces."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.event import Event, event


@event("authz", "role", "created")
class RoleCreated(Event, frozen=True, kw_only=True):
    """A role exists, in an organization or (without one) in the system."""

    role_id: UUID
    name: str
    organization_id: UUID | None = None


@event("authz", "role", "user_added")
class RoleUserAdded(Event, frozen=True, kw_only=True):
    """A user has a role."""

    role_id: UUID
    name: str
    user_id: UUID
    organization_id: UUID | None = None


@event("authz", "role", "user_removed")
class RoleUserRemoved(Event, frozen=True, kw_only=True):
    """A user no longer has a role."""

    role_id: UUID
    name: str
    user_id: UUID
    organization_id: UUID | None = None


@event("authz", "role", "deleted")
class RoleDeleted(Event, frozen=True, kw_only=True):
    """A role of an organization is no more; nobody had it."""

    role_id: UUID
    name: str
    organization_id: UUID | None = None


class _Grant(Event, frozen=True, kw_only=True):
    """A grant as it is now. `resource_id` is an id of the platform or of an application, never a person's data."""

    access_grant_id: UUID
    subject_type: Literal["user", "role", "group", "participants"]
    subject_id: UUID
    resource_type: str
    resource_id: str
    operation: str
    organization_id: UUID | None = None
    expires_at: datetime | None = None
    condition: str | None = None


@event("authz", "access_grant", "created")
class AccessGrantCreated(_Grant, frozen=True, kw_only=True):
    """A user, the users of a role, or the people of a group may do something to a resource."""


@event("authz", "access_grant", "updated")
class AccessGrantUpdated(_Grant, frozen=True, kw_only=True):
    """A grant's expiry or condition changed."""


@event("authz", "access_grant", "deleted")
class AccessGrantDeleted(_Grant, frozen=True, kw_only=True):
    """A grant is no more. One that has expired stops counting without an event."""


@event("authz", "attribute_batch", "stored")
class AttributesStored(Event, frozen=True, kw_only=True):
    """What authz-individuals filters by has been read anew for these individuals, or forgotten."""

    batch_id: UUID
    individual_ids: tuple[UUID, ...]
