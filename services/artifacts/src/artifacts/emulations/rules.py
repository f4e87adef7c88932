"""Towards whom somebody may act. A new grant and every request that uses one ask the same function."""

from collections.abc import Collection
from uuid import UUID

from artifacts.profiles.models import Profile
from artifacts.roles import ADMINS, WRITERS, Role, rank

DEEPEST = 3

NOT_NOW = "This profile is not in use."
NO_ROLE = "Your role acts as nobody else."
NOT_BELOW = "Only profiles with a role below yours may be acted as."
NOT_IN_SCOPE = "The profile is in none of your departments."
RING = "You act as this profile already, or it is your own."
TOO_DEEP = "At most three profiles deep."


def refusal(role: Role, departments: Collection[UUID], target: Profile) -> str | None:
    """Why somebody of that role and departments may not act as the target; None when they may.

    Administrators reach the whole organization, instructors those who share a department with them.
    """
    if role not in WRITERS:
        return NO_ROLE
    if target.removed_at is not None or not target.is_active or not target.is_in_use:
        return NOT_NOW
    if rank(target.role) >= rank(role):
        return NOT_BELOW
    if role not in ADMINS and not set(departments) & set(target.department_ids):
        return NOT_IN_SCOPE
    return None
