"""What artifacts announces."""

from uuid import UUID

from contracts.event import Event, event


@event("artifacts", "profile", "created")
class ProfileCreated(Event, frozen=True, kw_only=True):
    """A user appears in an organization's applications."""

    profile_id: UUID
    organization_id: UUID
    user_id: UUID | None = None


@event("artifacts", "profile", "updated")
class ProfileUpdated(Event, frozen=True, kw_only=True):
    """A profile's names, role, departments or standing changed."""

    profile_id: UUID
    organization_id: UUID


@event("artifacts", "cohort", "created")
class CohortCreated(Event, frozen=True, kw_only=True):
    """A cohort exists; `number` is its integer in the projects dialect."""

    cohort_id: UUID
    organization_id: UUID
    number: int
    mcp: bool = False


@event("artifacts", "cohort", "updated")
class CohortUpdated(Event, frozen=True, kw_only=True):
    """A cohort's description, members or criteria changed."""

    cohort_id: UUID
    organization_id: UUID


@event("artifacts", "cohort", "deleted")
class CohortDeleted(Event, frozen=True, kw_only=True):
    """A cohort left the default lists."""

    cohort_id: UUID
    organization_id: UUID
