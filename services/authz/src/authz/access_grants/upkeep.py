"""Deleting grants that have been expired for long. They count no more from the moment of their expiry."""

import asyncio
from datetime import timedelta

from chassis.runtime import Runtime
from kernel import now
from sqlalchemy import select

from authz.access_grants.commands import remove
from authz.access_grants.models import AccessGrant

KEPT = timedelta(days=30)
AT_ONCE = 500
LOOK_EVERY = 3600.0


async def sweep_grants(runtime: Runtime) -> None:
    """Look every hour for as long as the process runs."""
    while True:
        while await sweep(runtime) == AT_ONCE:
            pass
        await asyncio.sleep(LOOK_EVERY)


async def sweep(runtime: Runtime) -> int:
    """Delete some of those that have been expired for thirty days, and announce it; their number."""
    over = select(AccessGrant).where(AccessGrant.expires_at < now() - KEPT).order_by(AccessGrant.id).limit(AT_ONCE)
    async with runtime.sessions.begin() as session:
        grants = (await session.scalars(over.with_for_update(skip_locked=True))).all()
        for grant in grants:
            await remove(session, grant)
    return len(grants)
