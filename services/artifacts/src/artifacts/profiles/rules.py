"""Who may do what with a profile. Writes and the answers' `can_…` ask the same function."""

from typing import Literal
from uuid import UUID

from artifacts.actors import Actor
from artifacts.roles import rank

Operation = Literal["create", "edit", "duplicate", "delete"]

NOT_A_WRITER = "Your role may read profiles, not change them."
ABOVE = "The profile's role is above yours."
ONESELF = "Nobody deletes their own profile."


def refusal(actor: Actor, operation: Operation, *, role: str = "guest", profile_id: UUID | None = None) -> str | None:
    """Why the actor may not do it with a profile of that role; None when they may."""
    if not actor.is_writer:
        return NOT_A_WRITER
    if rank(role) > rank(actor.role):
        return ABOVE
    if operation == "delete" and profile_id is not None and profile_id == actor.profile_id:
        return ONESELF
    return None
