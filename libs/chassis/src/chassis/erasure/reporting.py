"""How a service talks to identity about an erasure."""

import base64
import zlib
from typing import Any

import msgspec
from kernel import Unavailable
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clients import SLOW_DEADLINE, call, get_as_service
from chassis.erasure.orders import Order
from chassis.erasure.plans import Person
from chassis.erasure.receipts import Receipt
from chassis.runtime import Runtime

CREATED = 201


class OverHttp:
    """By identity's own operations, in this service's name."""

    async def person(self, runtime: Runtime, session: AsyncSession, order: Order) -> Person:
        """Whom the order is about, with addresses that no event carries. Raises Unavailable or NotFound."""
        del session
        answer = await get_as_service(runtime, _url(runtime, order))
        return msgspec.convert(answer["data"]["attributes"]["person"], Person)

    async def keep(self, runtime: Runtime, session: AsyncSession, order: Order, number: int, part: bytes) -> None:
        """Hand over a part of the copy. Raises Unavailable."""
        del session
        packed = base64.b64encode(zlib.compress(part)).decode()
        await _tell(runtime, order, {"state": "running", "part": number, "copy": packed})

    async def report(self, runtime: Runtime, session: AsyncSession, order: Order, receipt: Receipt) -> None:
        """Hand over the receipt. Raises Unavailable."""
        del session
        await _tell(runtime, order, {"state": "done", "receipt": receipt})


def _url(runtime: Runtime, order: Order) -> str:
    return f"{runtime.common.identity_url}/v1/deletion-requests/{order.request_id}/"


async def _tell(runtime: Runtime, order: Order, said: dict[str, Any]) -> None:
    token = await runtime.internal_tokens.get()
    url = f"{_url(runtime, order)}update-status/"
    body = {"reference-id": order.reference_id, **said}
    status, _, _ = await call(runtime, "POST", url, token=token, body=body, deadline=SLOW_DEADLINE)
    if status != CREATED:
        raise Unavailable(f"identity answered {status} to the report.")
