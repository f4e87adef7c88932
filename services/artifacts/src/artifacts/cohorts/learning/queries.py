"""Reads of cohorts in the learning dialect."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

import msgspec
from kernel import Invalid, NotFound, parse_prefixed_ulid, prefixed_ulid
from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts import queries
from artifacts.cohorts.learning.schemas import CohortQuery, LearningCohort, LearningCohorts
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.queries import Cohorts, Found, Name
from artifacts.matching import holds

PREFIX = "coh"
GROUP_PREFIX = "grp-"
EQUAL = {
    "status": Cohort.status,
    "program_id": Cohort.program_id,
    "source": Cohort.source,
    "source_type": Cohort.source_type,
    "created_by": Cohort.created_by,
    "updated_by": Cohort.updated_by,
    "name": Name.value,
}


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """The last row of a page."""

    created_at: datetime
    id: UUID


async def list_(session: AsyncSession, organization_id: UUID, query: CohortQuery) -> LearningCohorts:
    """A page of cohorts, newest first."""
    statement = _filtered(queries.of_organization(organization_id), query)
    counted = select(func.count()).select_from(statement.with_only_columns(Cohort.id).subquery())
    total = (await session.execute(counted)).scalar_one()
    if query.cursor is not None:
        after = _cursor(query.cursor)
        statement = statement.where(tuple_(Cohort.created_at, Cohort.id) < (after.created_at, after.id))
    ordered = statement.order_by(Cohort.created_at.desc(), Cohort.id.desc()).limit(query.limit + 1)
    found = await queries.rows(session, ordered)
    more, shown = len(found) > query.limit, found[: query.limit]
    return LearningCohorts([_cohort(row) for row in shown], total, _after(shown[-1].cohort) if more else None)


async def read(session: AsyncSession, organization_id: UUID, identifier: str) -> LearningCohort:
    """A cohort by its `coh_` identifier, also one that was deleted. Raises NotFound."""
    try:
        cohort_id = parse_prefixed_ulid(PREFIX, identifier)
    except ValueError:
        raise NotFound from None
    return _cohort(await queries.one(session, queries.of_organization(organization_id).where(Cohort.id == cohort_id)))


def _filtered(statement: Cohorts, query: CohortQuery) -> Cohorts:
    for name, column in EQUAL.items():
        if (value := getattr(query, name)) is not None:
            statement = statement.where(column == value)
    if query.tag is not None:
        statement = statement.where(holds(Cohort.tags, query.tag))
    if query.facilitator_id is not None:
        statement = statement.where(holds(Cohort.facilitator_ids, query.facilitator_id))
    if query.group_id is not None:
        own = func.concat(GROUP_PREFIX, Cohort.id)
        statement = statement.where(func.coalesce(Cohort.group_id, own) == query.group_id)
    deleted = Cohort.deleted_at.is_not(None) if query.is_deleted else Cohort.deleted_at.is_(None)
    return statement.where(deleted)


def _cohort(row: Found) -> LearningCohort:
    cohort = row.cohort
    return LearningCohort(
        id=prefixed_ulid(PREFIX, cohort.id),
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
        group_id=cohort.group_id or f"{GROUP_PREFIX}{cohort.id}",
        program_id=cohort.program_id,
        name=row.name,
        start_date=cohort.start_date,
        end_date=cohort.end_date,
        status=cohort.status,  # pyright: ignore[reportArgumentType] the column holds nothing else
        session_count=cohort.session_count,
        facilitator_ids=cohort.facilitator_ids,
        assigned_assessment_ids=cohort.assigned_assessment_ids,
        completion_required_pct=cohort.completion_required_pct,
        current_completion_pct=0.0 if cohort.member_count else None,
        metadata=cohort.metadata_,
        tags=cohort.tags,
        version=cohort.version,
    )


def _after(cohort: Cohort) -> str:
    raw = msgspec.json.encode(Cursor(cohort.created_at, cohort.id))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _cursor(text: str) -> Cursor:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise Invalid("The cursor is not one of ours.", parameter="cursor") from None
