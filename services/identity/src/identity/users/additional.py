"""Those whom a user takes care of: the individuals that the user owns. orgs tells who they are and has their names."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from chassis.clients import get_as_service
from chassis.runtime import Runtime
from contracts.orgs import IndividualRegistered, IndividualUpdated
from kernel import NotFound, Unavailable
from messaging import Consumers, Meta
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.users.models import AdditionalIndividual as Owned
from identity.users.schemas import AdditionalIndividual

AT_ONCE = 500


class Named(msgspec.Struct, rename="kebab"):
    """The part of an individual that is shown."""

    first_name: str | None = None
    last_name: str | None = None
    birth_date: date | None = None


async def on_individual(session: AsyncSession, event: IndividualRegistered | IndividualUpdated, _: Meta) -> None:
    """An individual has this owner; one's own is no additional one."""
    await session.execute(delete(Owned).where(Owned.individual_id == event.individual_id))
    if event.owner_type == "user" and event.user_id != event.owner_id:
        owned = insert(Owned).values(individual_id=event.individual_id, user_id=event.owner_id)
        await session.execute(owned.on_conflict_do_nothing())


async def of(
    session: AsyncSession, runtime: Runtime | None, ids: Sequence[UUID]
) -> dict[UUID, list[AdditionalIndividual]]:
    """Those of each of some users. Names are missing while orgs does not tell them, or without a runtime to ask it."""
    statement = select(Owned.user_id, Owned.individual_id).where(Owned.user_id.in_(ids)).order_by(Owned.individual_id)
    rows = (await session.execute(statement)).all()
    names = await _names(runtime, [row.individual_id for row in rows][:AT_ONCE]) if runtime and rows else {}
    found: dict[UUID, list[AdditionalIndividual]] = defaultdict(list)
    for user_id, individual_id in rows:
        named = names.get(individual_id, Named())
        shown = AdditionalIndividual(individual_id, named.first_name, named.last_name, named.birth_date, None)
        found[user_id].append(shown)
    return found


async def _names(runtime: Runtime, ids: Sequence[UUID]) -> dict[UUID, Named]:
    query = urlencode([("page[limit]", AT_ONCE), *(("ids", str(identifier)) for identifier in ids)])
    try:
        answer = await get_as_service(runtime, f"{runtime.common.orgs_url}/v1/individuals/?{query}")
        rows: list[dict[str, Any]] = answer["data"]
        return {UUID(row["id"]): msgspec.convert(row["attributes"], Named) for row in rows}
    except (Unavailable, NotFound, KeyError, TypeError, ValueError):
        return {}


table: Consumers = {IndividualRegistered: on_individual, IndividualUpdated: on_individual}
