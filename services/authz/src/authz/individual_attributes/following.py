"""The task that reads attributes from orgs where something has changed.

Events carry ids only. The applier marks whose attributes are wanted in the transaction of the event; this task, in one
process at a time, reads them from orgs and tells every index by an event of this service.
"""

import asyncio
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from chassis.clients import get_as_service
from chassis.runtime import Runtime
from prometheus_client import Gauge

from authz.individual_attributes import commands
from authz.individual_attributes.commands import AT_ONCE, Attributes

LOOK_EVERY = 0.25

waiting = Gauge("authz_attributes_wanted", "Individuals whose attributes this process found to be read, at most 200")


async def read_attributes(runtime: Runtime) -> None:
    """Read what is wanted for as long as the process runs."""
    while True:
        if await read_some(runtime) < AT_ONCE:
            await asyncio.sleep(LOOK_EVERY)


async def read_some(runtime: Runtime) -> int:
    """Read a batch of what is wanted; its size. Raises Unavailable where orgs does not answer.

    No row is locked while orgs is asked; one that an event marks again meanwhile is read once more.
    """
    async with runtime.sessions.begin() as session:
        asked = await commands.wanted(session)
        waiting.set(len(asked))
        if asked:
            await commands.store(session, asked, await _of_orgs(runtime, sorted(asked)))
    return len(asked)


async def _of_orgs(runtime: Runtime, individuals: list[UUID]) -> list[Attributes]:
    query = urlencode([("page[limit]", str(AT_ONCE)), *(("ids", str(one)) for one in individuals)])
    answer = await get_as_service(runtime, f"{runtime.common.orgs_url}/v1/individuals/?{query}")
    return [_attributes(UUID(one["id"]), one["attributes"]) for one in answer["data"]]


def _attributes(individual_id: UUID, told: dict[str, Any]) -> Attributes:
    def lower(name: str) -> str | None:
        return told[name].lower() if told.get(name) else None

    born = told.get("birth-date")
    return Attributes(
        individual_id=individual_id,
        first_name=lower("first-name"),
        last_name=lower("last-name"),
        birth_date=date.fromisoformat(born) if born else None,
        email=lower("email"),
        phone=lower("phone"),
        email_verified=bool(told.get("email-verified")),
        phone_verified=bool(told.get("phone-verified")),
        registered=bool(told.get("registered")),
        provider=told.get("account-type") == "provider",
    )
