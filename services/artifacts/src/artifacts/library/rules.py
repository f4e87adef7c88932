"""Who may do what with a record of the library. Writes and the answers' `can_…` ask the same function."""

from typing import Literal

from kernel import Forbidden

from artifacts.actors import Actor

Operation = Literal["create", "edit", "delete"]

NOT_A_WRITER = "Your role may read this, not change it."


def refusal(actor: Actor, operation: Operation, *, uses: int = 0) -> str | None:
    """Why the actor may not; None when they may. `uses` is how many cohorts have the record."""
    if not actor.is_writer:
        return NOT_A_WRITER
    if operation == "delete" and uses:
        return f"{uses} {'cohort uses' if uses == 1 else 'cohorts use'} it."
    return None


def demand(actor: Actor, operation: Operation) -> None:
    """Raises Forbidden where no record could change the answer."""
    if (reason := refusal(actor, operation)) is not None:
        raise Forbidden(reason)
