"""What identity announces of erasing a person in every service."""

from typing import Literal
from uuid import UUID

from contracts.event import Event, event


@event("identity", "user", "erased")
class UserErased(Event, frozen=True, kw_only=True):
    """A login is gone for good, and every service has forgotten the person."""

    user_id: UUID


@event("identity", "deletion_request", "requested")
class DeletionRequested(Event, frozen=True, kw_only=True):
    """A person is to be erased everywhere. Without `user_id` there is no login, or it stays."""

    deletion_request_id: UUID
    user_id: UUID | None
    individual_ids: tuple[UUID, ...]
    archive: bool


@event("identity", "deletion_request", "purge_requested")
class DeletionPurgeRequested(Event, frozen=True, kw_only=True):
    """One service (`app`) is to erase a person, and to report it under `reference_id`. Told again until it does."""

    deletion_request_id: UUID
    reference_id: UUID
    app: str
    user_id: UUID | None
    individual_ids: tuple[UUID, ...]
    archive: bool


@event("identity", "deletion_request", "ended")
class DeletionEnded(Event, frozen=True, kw_only=True):
    """Every service has erased the person (`done`), or one of them could not in time (`failed`)."""

    deletion_request_id: UUID
    status: Literal["done", "failed"]
