"""What is done in another person's name is told to identity, whose audit trail keeps it."""

from contracts.impersonation import CALLS
from kernel import now
from messaging import publish

from chassis.principal import Principal
from chassis.runtime import Runtime

LONGEST_PATH = 300


async def note_call(runtime: Runtime, principal: Principal, method: str, path: str) -> None:
    """Announce a call with both people, in a transaction of its own before the call itself: unheard, it is not made.

    Query strings stay out: they may hold what a person typed.
    """
    if principal.user_id is None or principal.session_id is None or principal.impersonator is None:
        return
    call = CALLS[runtime.name](
        session_id=principal.session_id,
        user_id=principal.user_id,
        impersonator_id=principal.impersonator,
        organization_id=principal.organization_id,
        method=method,
        path=path[:LONGEST_PATH],
        called_at=now(),
    )
    async with runtime.sessions.begin() as session:
        await publish(session, call)
