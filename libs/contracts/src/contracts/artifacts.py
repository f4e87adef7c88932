"""What artifacts announces."""

from datetime import datetime
from typing import Literal
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


@event("artifacts", "profile", "deleted")
class ProfileDeleted(Event, frozen=True, kw_only=True):
    """A profile left the lists; the person may still belong to the organization."""

    profile_id: UUID
    organization_id: UUID


@event("artifacts", "emulation", "started")
class EmulationStarted(Event, frozen=True, kw_only=True):
    """In a session its user acts as the last of some profiles, through those before it, until `expires_at`."""

    emulation_id: UUID
    organization_id: UUID
    user_id: UUID
    session_id: UUID
    profile_ids: tuple[UUID, ...]
    expires_at: datetime
    target_user_id: UUID | None = None


@event("artifacts", "emulation", "ended")
class EmulationEnded(Event, frozen=True, kw_only=True):
    """A grant to act as another profile was given back, or found to count no more."""

    emulation_id: UUID
    organization_id: UUID
    user_id: UUID
    target_profile_id: UUID
    target_user_id: UUID | None = None


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


@event("artifacts", "cohort", "member_entered")
class CohortMemberEntered(Event, frozen=True, kw_only=True):
    """Persons came into a cohort at a moment: at most 1,000 in one event, the rest of them in the next.

    `source` is how: `filter`, or by `hand`, `csv` or `event`.
    """

    cohort_id: UUID
    organization_id: UUID
    person_ids: tuple[UUID, ...]
    at: datetime
    source: str = "filter"


@event("artifacts", "cohort", "member_left")
class CohortMemberLeft(Event, frozen=True, kw_only=True):
    """Persons left a cohort at a moment: at most 1,000 in one event, the rest of them in the next."""

    cohort_id: UUID
    organization_id: UUID
    person_ids: tuple[UUID, ...]
    at: datetime
    source: str = "filter"


@event("artifacts", "capture_token", "rotated")
class CaptureTokenRotated(Event, frozen=True, kw_only=True):
    """An organization's applications need its new token to send events. `actor` is the subject of who replaced it."""

    organization_id: UUID
    actor: str
    user_id: UUID | None = None


@event("artifacts", "simulation", "created")
class SimulationCreated(Event, frozen=True, kw_only=True):
    """A simulation exists."""

    simulation_id: UUID
    organization_id: UUID


@event("artifacts", "simulation", "updated")
class SimulationUpdated(Event, frozen=True, kw_only=True):
    """A simulation changed."""

    simulation_id: UUID
    organization_id: UUID


@event("artifacts", "simulation", "deleted")
class SimulationDeleted(Event, frozen=True, kw_only=True):
    """A simulation is gone; no cohort had it."""

    simulation_id: UUID
    organization_id: UUID


@event("artifacts", "persona", "created")
class PersonaCreated(Event, frozen=True, kw_only=True):
    """A persona exists."""

    persona_id: UUID
    organization_id: UUID


@event("artifacts", "persona", "updated")
class PersonaUpdated(Event, frozen=True, kw_only=True):
    """A persona changed."""

    persona_id: UUID
    organization_id: UUID


@event("artifacts", "persona", "deleted")
class PersonaDeleted(Event, frozen=True, kw_only=True):
    """A persona is gone; no cohort had it."""

    persona_id: UUID
    organization_id: UUID


@event("artifacts", "aggregation", "reported")
class CohortsReported(Event, frozen=True, kw_only=True):
    """In how many cohorts individuals are, or how much of them they have completed (0 to 1); None: nothing to tell.

    `request_id` and `column` are those of orgs' AggregationRequested, and the individuals are in its order.
    """

    request_id: UUID
    column: Literal["cohort-count", "completion"]
    individual_ids: tuple[UUID, ...]
    values: tuple[float | None, ...]
