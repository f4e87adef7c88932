"""Asking for columns of individuals to be computed, and taking down what the owning services report."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.orgs import AggregationRequested
from kernel import DomainError, NotFound, Problems, TooManyRequests, uuid7
from messaging import publish
from sqlalchemy import ARRAY, Uuid, any_, bindparam, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import reach_of, readable_individuals
from orgs.aggregation_requests.models import AggregationEntry, AggregationRequest
from orgs.aggregation_requests.schemas import Entry, NewAggregationRequest
from orgs.individuals.models import Individual

MOST_RUNNING = 20
MOST_OF_AN_EVENT = 500
SWEEP_EVERY = 3600.0

RUNNING = text("SELECT count(*) FROM aggregation_requests WHERE created_by = :subject AND finished_at IS NULL")
GROUP_COUNTS = text("""
SELECT i.id, (
    SELECT count(*) FROM group_individuals h JOIN individual_groups g ON g.id = h.group_id
    WHERE h.individual_id = i.id AND g.type = 'regular' AND g.is_active
)
FROM unnest(CAST(:ids AS uuid[])) AS i(id)
""")
HOLD = text("SELECT id FROM aggregation_requests WHERE id = :id FOR UPDATE")
DONE = text("""
WITH gone AS (
    DELETE FROM aggregation_entries WHERE request_id = :id AND "column" = :column AND individual_id = ANY(:individuals)
    RETURNING individual_id
), left_over AS (
    SELECT count(*) AS entries FROM aggregation_entries WHERE request_id = :id
)
UPDATE aggregation_requests SET
    done = total - (left_over.entries - (SELECT count(*) FROM gone)),
    status = CASE WHEN left_over.entries = (SELECT count(*) FROM gone) THEN 'done' ELSE 'running' END,
    finished_at = CASE WHEN left_over.entries = (SELECT count(*) FROM gone) THEN clock_timestamp() END
FROM left_over WHERE id = :id AND finished_at IS NULL
""")
KEEP = text("""
INSERT INTO individual_aggregates (individual_id, "column", value, computed_at)
SELECT i.id, :column, one.value, clock_timestamp()
FROM unnest(CAST(:individuals AS uuid[]), CAST(:values AS double precision[])) AS one(id, value)
JOIN individuals i ON i.id = one.id
ORDER BY i.id
ON CONFLICT (individual_id, "column") DO UPDATE SET value = excluded.value, computed_at = excluded.computed_at
""")
SWEEP = text("DELETE FROM aggregation_requests WHERE created_at < now() - interval '30 days'")


async def create(session: AsyncSession, principal: Principal, new: NewAggregationRequest) -> UUID:
    """Take a request on; its id. What orgs owns is computed at once, the rest is asked for by events.

    Raises Problems naming each individual that the caller may not read (then nothing is asked for), or TooManyRequests.
    """
    if (await session.execute(RUNNING, {"subject": principal.subject})).scalar_one() >= MOST_RUNNING:
        raise TooManyRequests("Too many of your requests are still running.", retry_after=10)
    users = await _users(session, principal, new.entries)
    request_id = uuid7()
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for entry in dict.fromkeys(new.entries):
        wanted[entry.column].append(entry.individual_id)
    total = sum(map(len, wanted.values()))
    made = insert(AggregationRequest).values(id=request_id, total=total, status="running", created_by=principal.subject)
    await session.execute(made)
    rows = [
        {"request_id": request_id, "individual_id": one, "column": column}
        for column, individuals in wanted.items()
        for one in individuals
    ]
    await session.execute(insert(AggregationEntry), rows)
    for column, individuals in wanted.items():
        await _compute(session, request_id, column, sorted(individuals), users)
    return request_id


async def report(
    session: AsyncSession, request_id: UUID, column: str, individuals: Sequence[UUID], values: Sequence[float | None]
) -> None:
    """Keep what was computed; of individuals and requests that are gone nothing is kept. Twice changes nothing."""
    await session.execute(HOLD, {"id": request_id})
    found = {"column": column, "individuals": list(individuals)}
    await session.execute(KEEP, {**found, "values": list(values)})
    await session.execute(DONE, {**found, "id": request_id})


async def sweep(runtime: Runtime) -> None:
    """Forget requests after thirty days, whether done or not."""
    while True:
        async with runtime.sessions.begin() as session:
            await session.execute(SWEEP)
        await asyncio.sleep(SWEEP_EVERY)


async def _users(session: AsyncSession, principal: Principal, entries: Sequence[Entry]) -> dict[UUID, UUID | None]:
    """The own users of the individuals, by individual."""
    ids = sorted({entry.individual_id for entry in entries})
    reach = await reach_of(session, principal)
    wanted: Any = bindparam(None, ids, ARRAY(Uuid()), unique=True)
    statement = select(Individual.id, Individual.user_id).where(
        Individual.id == any_(wanted), readable_individuals(reach)
    )
    users = {row.id: row.user_id for row in await session.execute(statement)}
    problems: list[DomainError] = [
        NotFound("There is no such individual.", pointer=f"/data/attributes/entries/{index}/individual-id")
        for index, entry in enumerate(entries)
        if entry.individual_id not in users
    ]
    if problems:
        raise Problems(problems)
    return users


async def _compute(
    session: AsyncSession, request_id: UUID, column: Any, individuals: list[UUID], users: dict[UUID, UUID | None]
) -> None:
    if column == "group-count":
        counts = (await session.execute(GROUP_COUNTS, {"ids": individuals})).all()
        await report(session, request_id, column, [row[0] for row in counts], [float(row[1]) for row in counts])
        return
    for start in range(0, len(individuals), MOST_OF_AN_EVENT):
        some = tuple(individuals[start : start + MOST_OF_AN_EVENT])
        asked = AggregationRequested(
            request_id=request_id, column=column, individual_ids=some, user_ids=tuple(users[one] for one in some)
        )
        await publish(session, asked)
