"""Asking for a person's own password again before something that cannot be taken back."""

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Forbidden, Invalid

from identity.parts import parts_of
from identity.throttling.budgets import PASSWORD_USER
from identity.throttling.commands import demand


async def check(runtime: Runtime, principal: Principal, given: str | None, pointer: str) -> None:
    """Check the caller's own password, where they have one; before the request's transaction holds anything.

    Raises Forbidden for a caller who is no person, Invalid, TooManyRequests, Unavailable.
    """
    if principal.user_id is None:
        raise Forbidden("Only a person may do this.")
    row = await runtime.row("SELECT password_hash FROM users WHERE id = $1", principal.user_id)
    if row is None or row[0] is None:
        return
    if given is None:
        raise Invalid("Give your own password.", pointer=pointer, code="required")
    await demand(runtime, (PASSWORD_USER, str(principal.user_id)))
    if not await parts_of(runtime).hasher.matches(row[0], given):
        raise Invalid("The password is not right.", pointer=pointer, code="wrong-password")
