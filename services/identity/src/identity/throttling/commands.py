"""Spending budgets, by the generic cell rate algorithm in one statement."""

import math
from collections.abc import Sequence
from datetime import timedelta

from chassis.runtime import Runtime
from kernel import TooManyRequests
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from identity.parts import Parts, parts_of
from identity.throttling.budgets import Budget

Charge = tuple[Budget, str]
"""A budget and whose it is."""

SPEND = text("""
    INSERT INTO throttles AS t (key, full_at, step, capacity, refused)
    SELECT key, statement_timestamp() + step, step, capacity, false
      FROM unnest(:keys, :steps, :capacities) AS asked (key, step, capacity)
    ON CONFLICT (key) DO UPDATE
       SET (full_at, refused) = (
               SELECT CASE WHEN later > latest THEN t.full_at ELSE later END, later > latest
                 FROM (SELECT greatest(t.full_at, statement_timestamp()) + excluded.step AS later,
                              statement_timestamp() + excluded.capacity AS latest) AS weighed),
           step = excluded.step,
           capacity = excluded.capacity
    RETURNING refused, EXTRACT(EPOCH FROM full_at + step - capacity - statement_timestamp()) AS wait
""").bindparams(
    bindparam("keys", type_=ARRAY(Text())),
    bindparam("steps", type_=ARRAY(INTERVAL())),
    bindparam("capacities", type_=ARRAY(INTERVAL())),
)
REFUND = text("""
    WITH locked AS (SELECT key FROM throttles WHERE key = ANY(:keys) ORDER BY key FOR UPDATE)
    UPDATE throttles t SET full_at = t.full_at - t.step FROM locked WHERE t.key = locked.key
""").bindparams(bindparam("keys", type_=ARRAY(Text())))
SWEEP = text("DELETE FROM throttles WHERE full_at < now() - interval '1 minute'")


async def spend(session: AsyncSession, parts: Parts, charges: Sequence[Charge]) -> float | None:
    """Take one unit of each budget. Seconds to wait where one is used up, else None."""
    scale = parts.settings.throttle_scale
    rows = sorted(((key_of(parts, charge), charge[0]) for charge in charges), key=lambda row: row[0])
    steps = [timedelta(seconds=budget.seconds / scale) for _, budget in rows]
    capacities = [step * max(1, round(budget.burst * scale)) for step, (_, budget) in zip(steps, rows, strict=True)]
    values = {"keys": [key for key, _ in rows], "steps": steps, "capacities": capacities}
    waits = [float(row.wait) for row in await session.execute(SPEND, values) if row.refused]
    return max(waits) if waits else None


async def demand(runtime: Runtime, *charges: Charge) -> None:
    """Take one unit of each budget in a transaction of its own. Raises TooManyRequests."""
    async with runtime.sessions.begin() as session:
        wait = await spend(session, parts_of(runtime), charges)
    refuse(wait)


def refuse(wait: float | None) -> None:
    """Raise TooManyRequests if there is something to wait for."""
    if wait is not None:
        raise TooManyRequests("Too many attempts; wait a little.", retry_after=max(1, math.ceil(wait)))


async def refund(runtime: Runtime, charges: Sequence[Charge]) -> None:
    """Give back what a good attempt has taken."""
    keys = [key_of(parts_of(runtime), charge) for charge in charges]
    async with runtime.sessions.begin() as session:
        await session.execute(REFUND, {"keys": keys})


def key_of(parts: Parts, charge: Charge) -> str:
    """The budget's key: holders are only recognised, not readable."""
    budget, holder = charge
    return f"{budget.name}:{parts.vault.mark('throttle', holder.encode()).hex()[:32]}"
