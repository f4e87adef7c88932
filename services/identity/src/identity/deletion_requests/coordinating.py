"""The background task that moves requests on, whoever died meanwhile, and identity's own part as the last service."""

import asyncio
from typing import Any

import structlog
from chassis.erasure import Person
from chassis.erasure.orders import Order
from chassis.erasure.receipts import Receipt
from chassis.runtime import Runtime
from kernel import NotFound
from prometheus_client import Gauge
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.deletion_requests import copies
from identity.deletion_requests.commands import note_done, step_of
from identity.deletion_requests.models import DeletionRequest
from identity.deletion_requests.queries import person_of
from identity.deletion_requests.steps import OWN, advance, locked
from identity.parts import parts_of

LOOK_EVERY = 1.0
STATES = ("pending", "running", "failed")

requests = Gauge("muster_deletion_requests", "Requests to erase a person that are not done", ["status"])
log = structlog.get_logger("identity.deletion_requests")


async def coordinate_forever(runtime: Runtime) -> None:
    """Move every unfinished request on for as long as the process runs."""
    while True:
        await coordinate(runtime)
        await asyncio.sleep(LOOK_EVERY)


async def coordinate(runtime: Runtime) -> None:
    """Move every unfinished request on, each in a transaction of its own; one that another process holds is its."""
    async with runtime.reads() as session:
        unfinished = DeletionRequest.status.in_(("pending", "running"))
        ids = (await session.scalars(select(DeletionRequest.id).where(unfinished).order_by(DeletionRequest.id))).all()
        counted = select(DeletionRequest.status, func.count()).where(DeletionRequest.status != "done")
        found = await session.execute(counted.group_by(DeletionRequest.status))
        counts: dict[str, int] = {status: count for status, count in found}  # noqa: C416 rows are no pairs to dict()
    for status in STATES:
        requests.labels(status).set(counts.get(status, 0))
    for identifier in ids:
        async with runtime.sessions.begin() as session:
            if (request := await locked(session, identifier, waits=False)) is not None:
                await advance(session, request)


class Within:
    """How identity reports to itself: in the transaction that erases."""

    async def person(self, runtime: Runtime, session: AsyncSession, order: Order) -> Person:
        """Whom the order is about."""
        del runtime
        return await person_of(session, await _request(session, order))

    async def keep(self, runtime: Runtime, session: AsyncSession, order: Order, number: int, part: bytes) -> None:
        """Keep a part of the copy."""
        request = await _request(session, order)
        await copies.keep(session, parts_of(runtime).vault, request, order.reference_id, number, part)

    async def report(self, runtime: Runtime, session: AsyncSession, order: Order, receipt: Receipt) -> None:
        """Take the receipt, and with it end the request."""
        del runtime
        request = await _request(session, order)
        await note_done(session, request, await step_of(session, request, order.reference_id, OWN), receipt)


async def _request(session: AsyncSession, order: Order) -> Any:
    request = await locked(session, order.request_id)
    if request is None:
        raise NotFound
    return request
