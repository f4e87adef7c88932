"""When people last signed in, for who asks orgs to compute it of individuals."""

from contracts.identity import LoginsReported
from contracts.orgs import AggregationRequested
from messaging import Consumers, Meta, publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

LOGINS = text("SELECT id, extract(epoch FROM last_login_at) AS at FROM users WHERE id = ANY(:users)")


async def on_requested(session: AsyncSession, event: AggregationRequested, _: Meta) -> None:
    """Report for each individual when its own user last signed in; other columns are other services'."""
    if event.column != "last-login":
        return
    users = [user for user in event.user_ids if user is not None]
    found = {row.id: row.at for row in await session.execute(LOGINS, {"users": users})}
    times = [found.get(user) if user else None for user in event.user_ids]
    reported = LoginsReported(
        request_id=event.request_id,
        column=event.column,
        individual_ids=event.individual_ids,
        values=tuple(None if time is None else float(time) for time in times),
    )
    await publish(session, reported)


table: Consumers = {AggregationRequested: on_requested}
