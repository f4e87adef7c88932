"""When what tokens say of a user changes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from contracts.identity import TokensOutdated
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.sessions import facts

LOCK = text("SELECT id FROM users WHERE id = :user_id FOR UPDATE")
OUTDATE = text("""
    UPDATE users SET tokens_outdated_at = clock_timestamp() WHERE id = :user_id RETURNING tokens_outdated_at
""")


@asynccontextmanager
async def outdating(session: AsyncSession, user_id: UUID) -> AsyncGenerator[None]:
    """Around a change of a user's roles or organizations: announces that older access tokens say too much.

    Only what a token could show and no longer may counts: what was gained shows at the next refresh, and the same
    loss told by two contexts outdates tokens once. The
    user's row is locked first: a sign-in or refresh beside this one either ends before, and its token is older than
    the announced time, or reads the new roles.
    """
    if (await session.execute(LOCK, {"user_id": user_id})).first() is None:
        yield
        return
    before = await facts.read(session, user_id)
    yield
    after = await facts.read(session, user_id)
    if not _said(before) <= _said(after):
        moment = await session.scalar(OUTDATE, {"user_id": user_id})
        await publish(session, TokensOutdated(user_id=user_id, issued_before=moment))


def _said(who: facts.Facts) -> set[tuple[UUID | None, str | None]]:
    """The organizations of a person, and the roles in each."""
    places = (None, *who.organizations)
    return {(where, role) for where in places for role in (None, *who.roles_in(where))}
