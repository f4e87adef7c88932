"""Requests that were answered alike and wait for a worker, which may behave differently for each."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import structlog
from chassis.runtime import Runtime
from chassis.telemetry import resumed
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.forgot_password import taking_up as passwords
from identity.forgot_password.models import PasswordRequest
from identity.parts import Parts, parts_of
from identity.sign_up import taking_up as sign_ups
from identity.sign_up.models import SignUpRequest

LOOK_EVERY = 0.2

TakeUp = Callable[[AsyncSession, Parts, Any], Awaitable[None]]
QUEUES: tuple[tuple[Any, TakeUp], ...] = ((SignUpRequest, sign_ups.take_up), (PasswordRequest, passwords.take_up))

log = structlog.get_logger("identity.waiting")


async def take_up_forever(runtime: Runtime) -> None:
    """Work for as long as the process runs. A request that fails is logged and left for the next start."""
    failed: set[UUID] = set()
    while True:
        await take_up_all(runtime, failed)
        await asyncio.sleep(LOOK_EVERY)


async def take_up_all(runtime: Runtime, failed: set[UUID]) -> None:
    """Take up all that waits now, oldest first, each in a transaction of its own."""
    for model, take_up in QUEUES:
        while await _take_one(runtime, model, take_up, failed):
            pass


async def _take_one(runtime: Runtime, model: Any, take_up: TakeUp, failed: set[UUID]) -> bool:
    statement = (
        select(model)
        .where(model.taken_up_at.is_(None), model.id.not_in(failed))
        .order_by(model.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    async with runtime.sessions() as session, session.begin():
        row = (await session.scalars(statement)).first()
        if row is None:
            return False
        try:
            with resumed(f"take up {model.__tablename__}", row.traceparent):
                async with session.begin_nested():
                    row.taken_up_at = func.clock_timestamp()
                    await take_up(session, parts_of(runtime), row)
        except Exception:
            log.exception("a request failed", kind=model.__tablename__, id=str(row.id))
            failed.add(row.id)
    return True
