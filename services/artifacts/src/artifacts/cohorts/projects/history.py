"""The calculations of a cohort, as the projects dialect tells them."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.calculations.models import CohortCalculation
from artifacts.cohorts.projects.schemas import Calculation, Calculations, HistoryQuery


async def list_(session: AsyncSession, cohort_id: UUID, query: HistoryQuery) -> Calculations:
    """A page of whole calculations, newest first."""
    theirs = CohortCalculation.cohort_id == cohort_id
    total = (await session.execute(select(func.count()).select_from(CohortCalculation).where(theirs))).scalar_one()
    ordered = select(CohortCalculation).where(theirs)
    ordered = ordered.order_by(CohortCalculation.started_at.desc(), CohortCalculation.id.desc())
    rows = await session.scalars(ordered.limit(query.limit).offset(query.offset))
    following, before = query.offset + query.limit, max(query.offset - query.limit, 0)
    return Calculations(
        results=[_calculation(row) for row in rows],
        count=total,
        next=f"?limit={query.limit}&offset={following}" if following < total else None,
        previous=f"?limit={query.limit}&offset={before}" if query.offset else None,
    )


def _calculation(row: CohortCalculation) -> Calculation:
    ended = row.finished_at
    changed = None if row.entered is None else row.entered + (row.ended or 0)
    return Calculation(
        id=row.id,
        filters=row.filters,
        count=row.count,
        started_at=row.started_at,
        finished_at=ended,
        queries=[{"query": row.main_query, "query_ms": row.query_ms}] if row.main_query else [],
        error=row.error,
        duration_seconds=(ended - row.started_at).total_seconds() if ended else None,
        is_completed=ended is not None,
        is_successful=ended is not None and row.error is None,
        total_query_ms=row.query_ms,
        total_read_rows=row.count,
        total_written_rows=changed,
        main_query=row.main_query,
    )
