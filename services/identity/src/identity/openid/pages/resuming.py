"""Going on with an interaction from wherever the browser comes."""

from uuid import UUID

from chassis.runtime import Runtime

from identity.openid import browser_sessions
from identity.openid.interactions import queries
from identity.openid.interactions.going_on import go_on
from identity.openid.pages.problems import Ended
from identity.parts import parts_of
from identity.throttling.callers import AnyRequest


async def resume(runtime: Runtime, request: AnyRequest, interaction_id: UUID) -> str:
    """The address of what comes next. Raises Ended."""
    parts = parts_of(runtime)
    async with runtime.sessions.begin() as session:
        browser = browser_sessions.browser_of(request, parts)
        interaction = await queries.find(session, interaction_id, browser, lock=True)
        if interaction is None:
            raise Ended
        return await go_on(session, parts, interaction)
