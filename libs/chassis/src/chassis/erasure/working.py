"""The background task that carries orders out, each until it is reported.

An order is erased in one transaction, then looked at once more after `SETTLE`: a request that had read the person
before and wrote after the first pass is found by the second. Only then it is reported. A process that dies anywhere
leaves the order as it was committed, and the next one goes on from there.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import structlog
from kernel import now
from messaging import failpoints
from prometheus_client import Counter, Gauge
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.erasure.carrying_out import carry_out, export, parts, together
from chassis.erasure.orders import Order
from chassis.erasure.plans import Person, Plan
from chassis.erasure.receipts import Receipt, made
from chassis.erasure.reporting import OverHttp
from chassis.runtime import Runtime

SETTLE = 3.0
"""Longer than a request between services may take."""
LOOK_EVERY = 0.5
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
LONGEST_PART = 512 * 1024

TAKE = text("""
    SELECT reference_id, request_id, state, attempts, counts, archive, erased_at
      FROM erasures WHERE state <> 'reported' AND next_attempt_at <= clock_timestamp()
     ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
""")
NOTE = text("""
    UPDATE erasures SET state = :state, counts = :counts, erased_at = :erased_at, attempts = 0, problem = NULL,
           reported_at = CASE WHEN :state = 'reported' THEN clock_timestamp() END,
           next_attempt_at = clock_timestamp() + make_interval(secs => CAST(:wait AS float8))
     WHERE reference_id = :reference_id
""")
POSTPONE = text("""
    UPDATE erasures SET attempts = attempts + 1, problem = :problem,
           next_attempt_at = clock_timestamp() + make_interval(
               secs => least(CAST(:longest AS float8), CAST(:first AS float8) * 2 ^ least(attempts, 10)))
     WHERE reference_id = :reference_id
""")
WAITING = text("SELECT count(*) FROM erasures WHERE state <> 'reported'")

waiting = Gauge("muster_erasures_waiting", "Orders to erase a person that are not reported yet", ["service"])
steps = Counter("muster_erasure_steps", "Steps of erasures", ["service", "result"])

log = structlog.get_logger("chassis.erasure")


class Reporting(Protocol):
    """How a service asks who the person is, and tells identity what it has done."""

    async def person(self, runtime: Runtime, session: AsyncSession, order: Order) -> Person:
        """Whom the order is about."""
        ...

    async def keep(self, runtime: Runtime, session: AsyncSession, order: Order, number: int, part: bytes) -> None:
        """Hand over one part of the copy that is to be kept. The same part twice is one."""
        ...

    async def report(self, runtime: Runtime, session: AsyncSession, order: Order, receipt: Receipt) -> None:
        """Hand over the receipt."""
        ...


def eraser(plan: Plan, reporting: Reporting | None = None, *, settle: float = SETTLE) -> Callable[[Runtime], Any]:
    """The task of a service's worker. `reporting` is over HTTP unless the service is identity itself."""
    told = reporting or OverHttp()

    async def erase_forever(runtime: Runtime) -> None:
        """Carry orders out for as long as the process runs."""
        while True:
            while await step(runtime, plan, told, settle):
                pass
            async with runtime.reads() as session:
                waiting.labels(runtime.name).set(await session.scalar(WAITING) or 0)
            await asyncio.sleep(LOOK_EVERY)

    return erase_forever


async def step(runtime: Runtime, plan: Plan, reporting: Reporting, settle: float = SETTLE) -> bool:
    """Do the next step of the order that is due first; False where none is. A step that fails is put off."""
    order: Order | None = None
    try:
        async with runtime.sessions.begin() as session:
            row = (await session.execute(TAKE)).mappings().first()
            if row is None:
                return False
            order = Order(**row)
            await _step(runtime, session, plan, reporting, order, settle)
    except Exception as error:  # whatever it is, it is tried again; its text could hold the person's data
        if order is None:
            raise
        await _postpone(runtime, order, type(error).__name__)
    failpoints.hit("erasure.after_commit")
    return True


async def _step(
    runtime: Runtime, session: AsyncSession, plan: Plan, reporting: Reporting, order: Order, settle: float
) -> None:
    person = await reporting.person(runtime, session, order)
    if order.state == "wanted" and order.archive:
        for number, part in enumerate(parts(await export(session, plan, person), LONGEST_PART)):
            await reporting.keep(runtime, session, order, number, part)
    further = await plan.further(runtime, session, person) if plan.further else {}
    more = together(further, await carry_out(session, plan, person))
    counts = together(order.counts, more)
    at = order.erased_at or now()
    done = order.state == "erased" or not settle
    failpoints.hit("erasure.before_report" if done else "erasure.before_commit")
    if done:
        await reporting.report(runtime, session, order, made(order.request_id, runtime.name, at, counts))
        failpoints.hit("erasure.after_report")
    state = "reported" if done else "erased"
    await session.execute(
        NOTE,
        {
            "state": state,
            "counts": msgspec.json.encode(counts).decode(),
            "erased_at": at,
            "wait": settle,
            "reference_id": order.reference_id,
        },
    )
    steps.labels(runtime.name, state).inc()
    log.info("erasure step", request_id=str(order.request_id), state=state, rows=sum(counts.values()))


async def _postpone(runtime: Runtime, order: Order, problem: str) -> None:
    steps.labels(runtime.name, "failed").inc()
    log.warning("erasure put off", request_id=str(order.request_id), attempts=order.attempts + 1, problem=problem)
    async with runtime.sessions.begin() as session:
        place = {"reference_id": order.reference_id, "problem": problem}
        await session.execute(POSTPONE, {**place, "first": FIRST_WAIT, "longest": LONGEST_WAIT})
