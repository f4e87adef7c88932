"""What every service announces of calls that are made in another person's name."""

from datetime import datetime
from uuid import UUID

from contracts.event import Event, event


class ImpersonatedCall(Event, frozen=True, kw_only=True):
    """`impersonator_id` called an operation as `user_id`, in the session `session_id`."""

    session_id: UUID
    user_id: UUID
    impersonator_id: UUID
    organization_id: UUID | None = None
    method: str
    path: str
    called_at: datetime


@event("identity", "impersonation", "used")
class IdentityCalled(ImpersonatedCall, frozen=True, kw_only=True):
    """A call of identity in another person's name."""


@event("orgs", "impersonation", "used")
class OrgsCalled(ImpersonatedCall, frozen=True, kw_only=True):
    """A call of orgs in another person's name."""


@event("authz", "impersonation", "used")
class AuthzCalled(ImpersonatedCall, frozen=True, kw_only=True):
    """A call of authz in another person's name."""


@event("artifacts", "impersonation", "used")
class ArtifactsCalled(ImpersonatedCall, frozen=True, kw_only=True):
    """A call of artifacts in another person's name."""


@event("notifications", "impersonation", "used")
class NotificationsCalled(ImpersonatedCall, frozen=True, kw_only=True):
    """A call of notifications in another person's name."""


CALLS: dict[str, type[ImpersonatedCall]] = {
    kind.context: kind for kind in (IdentityCalled, OrgsCalled, AuthzCalled, ArtifactsCalled, NotificationsCalled)
}
"""The event of each service."""
