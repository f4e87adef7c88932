"""Who may do what with a cohort. Writes and the answers' `can_…` ask the same function."""

from typing import Literal

from kernel import Forbidden

from artifacts.actors import Actor

Operation = Literal["create", "edit", "delete", "duplicate", "leave"]

NOT_A_WRITER = "Your role may read cohorts, not change them."
NOT_A_MEMBER = "You are not in this cohort."


def refusal(actor: Actor, operation: Operation, *, is_member: bool = False) -> str | None:
    """Why the actor may not; None when they may."""
    if operation == "leave":
        return None if is_member else NOT_A_MEMBER
    return None if actor.is_writer else NOT_A_WRITER


def demand(actor: Actor, operation: Operation, *, is_member: bool = False) -> None:
    """Raises Forbidden with the reason."""
    if (reason := refusal(actor, operation, is_member=is_member)) is not None:
        raise Forbidden(reason)
