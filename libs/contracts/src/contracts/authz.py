"""What authz announces."""

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
