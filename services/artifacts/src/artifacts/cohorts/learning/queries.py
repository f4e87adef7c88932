"""Reads of cohorts in the learning dialect."""

from uuid import UUID

import msgspec
from chassis.principal import Principal
from kernel import now
from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts import queries
from artifacts.cohorts.learning import identifiers
from artifacts.cohorts.learning.checking import application
from artifacts.cohorts.learning.completed import percentages
from artifacts.cohorts.learning.filters import conditions
from artifacts.cohorts.learning.identifiers import COHORT, GROUP
from artifacts.cohorts.learning.lifecycle import status_of
from artifacts.cohorts.learning.schemas import CohortQuery, LearningCohort, LearningCohorts
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.queries import Cohorts, Found


async def list_(
    session: AsyncSession, principal: Principal, organization_id: UUID, query: CohortQuery
) -> LearningCohorts:
    """A page of cohorts, newest first."""
    statement = _visible(principal, organization_id).where(*conditions(organization_id, query, now()))
    counted = select(func.count()).select_from(statement.with_only_columns(Cohort.id).subquery())
    total = (await session.execute(counted)).scalar_one()
    if query.cursor is not None:
        after = identifiers.cursor(query.cursor)
        statement = statement.where(tuple_(Cohort.created_at, Cohort.id) < (after.created_at, after.id))
    ordered = statement.order_by(Cohort.created_at.desc(), Cohort.id.desc()).limit(query.limit + 1)
    found = await queries.rows(session, ordered)
    more, shown = len(found) > query.limit, found[: query.limit]
    last = identifiers.after(shown[-1].cohort.created_at, shown[-1].cohort.id) if more else None
    return LearningCohorts(await _written(session, shown), total, last)


async def read(session: AsyncSession, principal: Principal, organization_id: UUID, cohort_id: UUID) -> LearningCohort:
    """A cohort, also one that was deleted. Raises NotFound."""
    statement = _visible(principal, organization_id).where(Cohort.id == cohort_id)
    found = await queries.one(session, statement.execution_options(populate_existing=True))
    return (await _written(session, [found]))[0]


def _visible(principal: Principal, organization_id: UUID) -> Cohorts:
    """The organization's cohorts; where the token was made for an application, those of that alone."""
    statement = queries.of_organization(organization_id)
    if (own := application(principal)) is not None:
        statement = statement.where(Cohort.app_id == own)
    return statement


async def _written(session: AsyncSession, rows: list[Found]) -> list[LearningCohort]:
    completed = await percentages(session, [row.cohort.id for row in rows])
    return [_cohort(row, completed.get(row.cohort.id)) for row in rows]


def _cohort(row: Found, completed: float | None) -> LearningCohort:
    cohort = row.cohort
    return LearningCohort(
        id=identifiers.written(COHORT, cohort.id),
        tenant_id=str(cohort.organization_id),
        app_id=cohort.app_id or msgspec.UNSET,
        created_at=cohort.created_at,
        updated_at=cohort.updated_at,
        created_by=cohort.created_by,
        updated_by=cohort.updated_by,
        source=cohort.source,
        source_type=cohort.source_type,  # pyright: ignore[reportArgumentType] the column holds nothing else
        is_deleted=cohort.deleted_at is not None,
        deleted_at=cohort.deleted_at,
        deleted_by=cohort.deleted_by,
        schema_version=cohort.schema_version,
        group_id=cohort.group_id or f"{GROUP}{cohort.id}",
        program_id=cohort.program_id,
        name=row.name,
        start_date=cohort.start_date,
        end_date=cohort.end_date,
        status=status_of(cohort, now()),
        session_count=cohort.session_count,
        facilitator_ids=cohort.facilitator_ids,
        assigned_assessment_ids=cohort.assigned_assessment_ids,
        completion_required_pct=cohort.completion_required_pct,
        current_completion_pct=completed,
        metadata=cohort.metadata_,
        tags=cohort.tags,
        version=cohort.version,
    )
