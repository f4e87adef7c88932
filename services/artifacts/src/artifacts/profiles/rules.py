"""Who may do what with a profile. Writes and the answers' `can_…` ask the same function."""

from typing import Literal
from uuid import UUID

from kernel import Forbidden

from artifacts.actors import Actor
from artifacts.roles import rank

Operation = Literal["create", "edit", "duplicate", "delete"]

NOT_A_WRITER = "Your role may read profiles, not change them."
ABOVE = "The profile's role is above yours."
ROLE_ABOVE = "Nobody gives a role above their own."
ONESELF = "Nobody deletes their own profile."
ONESELF_OFF = "Nobody puts their own profile out of use."
OPERATIONS: dict[Operation, str] = {
    "create": "Make a profile of somebody without a login: instructors and up, with a role not above their own.",
    "edit": "Change a profile: instructors and up, one whose role is not above theirs.",
    "duplicate": "Make another profile like it: instructors and up, one whose role is not above theirs.",
    "delete": "Delete a profile: instructors and up, one whose role is not above theirs, and never their own.",
}


def refusal(actor: Actor, operation: Operation, *, role: str = "guest", profile_id: UUID | None = None) -> str | None:
    """Why the actor may not do it with a profile of that role; None when they may."""
    if not actor.is_writer:
        return NOT_A_WRITER
    if rank(role) > rank(actor.role):
        return ABOVE
    mine = {actor.profile_id, actor.signed_in.profile_id}
    if operation == "delete" and profile_id is not None and profile_id in mine:
        return ONESELF
    return None


def demand(actor: Actor, operation: Operation) -> None:
    """What does not depend on the profile. Raises Forbidden with the reason."""
    if (reason := refusal(actor, operation)) is not None:
        raise Forbidden(reason)
