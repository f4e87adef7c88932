"""Items of the v5 dialect as the core takes them, and what became of them as the dialect says it."""

from typing import Any

from artifacts.emulations.commands import Granted
from artifacts.library.v5 import told
from artifacts.outcomes import Outcome
from artifacts.profiles.resolving import Wanted
from artifacts.profiles.v5.schemas import (
    CreateProfileItem,
    DeleteProfileResult,
    EmulationResult,
    ProfileResultItem,
    UpdateProfileItem,
)


def wanted(item: CreateProfileItem | UpdateProfileItem) -> Wanted:
    """An item as the core takes it."""
    shared = set(Wanted.__struct_fields__) & set(type(item).__struct_fields__)
    given: dict[str, Any] = {name: getattr(item, name) for name in shared}
    if isinstance(item, UpdateProfileItem):
        given["id"] = item.profile_id
        return Wanted(**given)
    given["emails"] = None if item.email is None or item.email_ids else [item.email]
    return Wanted(**given)


def result(outcome: Outcome, done: str) -> ProfileResultItem:
    """What became of an item; `done` is what would have been: created, updated."""
    success, message, errors = told(outcome, "profile", done)
    return ProfileResultItem(success=success, profile_id=outcome.id, message=message, errors=errors)


def deleted(outcome: Outcome) -> DeleteProfileResult:
    """What became of an item that was to be deleted."""
    message = outcome.problems[0].message if outcome.problems else "The profile was deleted."
    assert outcome.id is not None  # noqa: S101 it was named
    return DeleteProfileResult(success=not outcome.problems, profile_id=outcome.id, message=message)


def granted(outcome: Granted) -> EmulationResult:
    """What became of a wish to act as somebody."""
    return EmulationResult(
        allowed=outcome.reason is None,
        reason=outcome.reason,
        grant_id=outcome.grant_id,
        expires_at=outcome.expires_at,
    )
