"""Spending budgets, by the generic cell rate algorithm in one statement."""

import math
from collections.abc import Sequence
from datetime import timedelta

from chassis.runtime import Runtime
from kernel import TooManyRequests
from sqlalchemy import text

from identity.parts import Parts, parts_of
from identity.throttling.budgets import Budget

LEAST = timedelta(microseconds=1)
Charge = tuple[Budget, str]
"""A budget and whose it is."""

SPEND = """
    WITH spent AS (
        INSERT INTO throttles AS t (key, full_at, step, capacity, refused)
        SELECT key, statement_timestamp() + step, step, capacity, false
          FROM unnest($1::text[], $2::interval[], $3::interval[]) AS asked (key, step, capacity)
        ON CONFLICT (key) DO UPDATE
           SET (full_at, refused) = (
                   SELECT CASE WHEN later > latest THEN t.full_at ELSE later END, later > latest
                     FROM (SELECT greatest(t.full_at, statement_timestamp()) + excluded.step AS later,
                                  statement_timestamp() + excluded.capacity AS latest) AS weighed),
               step = excluded.step,
               capacity = excluded.capacity
        RETURNING refused, EXTRACT(EPOCH FROM full_at + step - capacity - statement_timestamp()) AS wait)
    SELECT max(wait) FILTER (WHERE refused) AS wait FROM spent
"""
REFUND = """
    WITH locked AS (SELECT key FROM throttles WHERE key = ANY($1::text[]) ORDER BY key FOR UPDATE)
    UPDATE throttles t SET full_at = t.full_at - t.step FROM locked WHERE t.key = locked.key
"""
SWEEP = text("DELETE FROM throttles WHERE full_at < now() - interval '1 minute'")


async def demand(runtime: Runtime, *charges: Charge) -> None:
    """Take one unit of each budget, in a statement of its own. Raises TooManyRequests where one is used up."""
    parts = parts_of(runtime)
    scale = parts.settings.throttle_scale
    rows = sorted(((key_of(parts, charge), charge[0]) for charge in charges), key=lambda row: row[0])
    steps = [max(LEAST, timedelta(seconds=budget.seconds / scale)) for _, budget in rows]
    capacities = [step * max(1, round(budget.burst * scale)) for step, (_, budget) in zip(steps, rows, strict=True)]
    spent = await runtime.row(SPEND, [key for key, _ in rows], steps, capacities)
    refuse(None if spent["wait"] is None else float(spent["wait"]))


def refuse(wait: float | None) -> None:
    """Raise TooManyRequests if there is something to wait for."""
    if wait is not None:
        raise TooManyRequests("Too many attempts; wait a little.", retry_after=max(1, math.ceil(wait)))


async def refund(runtime: Runtime, charges: Sequence[Charge]) -> None:
    """Give back what a good attempt has taken."""
    await runtime.row(REFUND, [key_of(parts_of(runtime), charge) for charge in charges])


def key_of(parts: Parts, charge: Charge) -> str:
    """The budget's key: holders are only recognised, not readable."""
    budget, holder = charge
    return f"{budget.name}:{parts.vault.mark('throttle', holder.encode()).hex()[:32]}"
