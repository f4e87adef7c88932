"""Who may do what with a cohort. Writes and the answers' `can_…` ask the same function."""

from typing import Literal

from kernel import Forbidden

from artifacts.actors import Actor

Operation = Literal["create", "edit", "delete", "duplicate", "leave"]

NOT_A_WRITER = "Your role may read cohorts, not change them."
NOT_A_MEMBER = "You are not in this cohort."
FOLLOWS_A_FILTER = "Its members follow a filter; nobody leaves by hand."
OPERATIONS: dict[Operation, str] = {
    "create": "Make a cohort: instructors and up.",
    "edit": "Change a cohort: instructors and up.",
    "delete": "Delete a cohort: instructors and up.",
    "duplicate": "Make another cohort like it: instructors and up.",
    "leave": "Leave a cohort: whoever is in it, unless its members follow a filter.",
}


def refusal(actor: Actor, operation: Operation, *, is_member: bool = False, is_static: bool = True) -> str | None:
    """Why the actor may not; None when they may."""
    if operation == "leave":
        if not is_member:
            return NOT_A_MEMBER
        return None if is_static else FOLLOWS_A_FILTER
    return None if actor.is_writer else NOT_A_WRITER


def demand(actor: Actor, operation: Operation, *, is_member: bool = False, is_static: bool = True) -> None:
    """Raises Forbidden with the reason."""
    if (reason := refusal(actor, operation, is_member=is_member, is_static=is_static)) is not None:
        raise Forbidden(reason)
