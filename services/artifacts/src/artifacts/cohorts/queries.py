"""Reads of cohorts, for all dialects. The tenant's filter stands in `live` and `of_organization` alone."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from database import Rows, Template
from kernel import NotFound, Page, Slice
from sqlalchemy import Select, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from artifacts.cohorts.models import Cohort, CohortMember
from artifacts.matching import among
from artifacts.texts.models import Text

Cohorts = Select[Cohort, str, str]
"""A statement of cohorts with name and description, each of which may be NULL."""

LARGEST_NUMBER = 2**63 - 1
SHOWN_MEMBERS = 1000

Name, Description = aliased(Text), aliased(Text)

REFERENCES = Template(
    text("""
SELECT found.number, count(DISTINCT found.id) AS times
  FROM (SELECT c.id, (jsonb_path_query(c.filters, '$.**?(@.type == "cohort").value') #>> '{}') AS number
          FROM cohorts c
         WHERE c.organization_id = :organization_id AND c.deleted_at IS NULL AND c.filters IS NOT NULL) found
 WHERE found.number = ANY(CAST(:numbers AS text[]))
 GROUP BY found.number
""")
)


class Found(msgspec.Struct, frozen=True):
    """A cohort with its texts."""

    cohort: Cohort
    name: str | None
    description: str


def of_organization(organization_id: UUID) -> Cohorts:
    """An organization's cohorts with their texts, those that were deleted too."""
    return (
        select(Cohort, Name.value, Description.value)
        .outerjoin(Name, Name.id == Cohort.name_id)
        .outerjoin(Description, Description.id == Cohort.description_id)
        .where(Cohort.organization_id == organization_id)
    )


def live(organization_id: UUID) -> Cohorts:
    """An organization's cohorts that were not deleted."""
    return of_organization(organization_id).where(Cohort.deleted_at.is_(None))


async def page(session: AsyncSession, statement: Cohorts, wanted: Page) -> Slice[Found]:
    """One page of an ordered statement of cohorts."""
    counted = select(func.count()).select_from(statement.with_only_columns(Cohort.id).order_by(None).subquery())
    total = (await session.execute(counted)).scalar_one()
    found = await rows(session, statement.limit(wanted.limit).offset(wanted.offset)) if total > wanted.offset else []
    return Slice(found, total, wanted)


async def rows(session: AsyncSession, statement: Cohorts) -> list[Found]:
    """All cohorts of a statement."""
    selected = await session.execute(statement)
    return [Found(cohort, name, description or "") for cohort, name, description in selected]


async def one(session: AsyncSession, statement: Cohorts) -> Found:
    """The only cohort of a statement. Raises NotFound."""
    found = await rows(session, statement)
    if not found:
        raise NotFound
    return found[0]


async def members(
    session: AsyncSession, cohort_ids: Sequence[UUID], most: int = SHOWN_MEMBERS
) -> dict[UUID, list[UUID]]:
    """The profiles that are in each cohort, at most `most` of each, longest there first."""
    present = (
        select(
            CohortMember.cohort_id,
            CohortMember.profile_id,
            func.row_number().over(partition_by=CohortMember.cohort_id, order_by=CohortMember.id).label("place"),
        )
        .where(among(CohortMember.cohort_id, cohort_ids), CohortMember.until.is_(None))
        .subquery()
    )
    chosen = select(present.c.cohort_id, present.c.profile_id).where(present.c.place <= most)
    found: dict[UUID, list[UUID]] = defaultdict(list)
    if cohort_ids:
        for cohort_id, profile_id in await session.execute(chosen.order_by(present.c.place)):
            found[cohort_id].append(profile_id)
    return found


def members_at(cohort_id: UUID, moment: datetime) -> Select[UUID]:
    """Who was in a cohort at a moment."""
    return select(CohortMember.profile_id).where(
        CohortMember.cohort_id == cohort_id,
        CohortMember.since <= moment,
        or_(CohortMember.until.is_(None), CohortMember.until > moment),
    )


async def cohorts_with(session: AsyncSession, cohort_ids: Sequence[UUID], profile_id: UUID | None) -> set[UUID]:
    """Those of some cohorts that a profile is in."""
    if profile_id is None or not cohort_ids:
        return set()
    present = and_(CohortMember.profile_id == profile_id, CohortMember.until.is_(None))
    return set(
        await session.scalars(select(CohortMember.cohort_id).where(among(CohortMember.cohort_id, cohort_ids), present))
    )


async def references(rows: Rows, organization_id: UUID, numbers: Sequence[int]) -> dict[int, int]:
    """How many other cohorts' filters name each of some cohorts."""
    if not numbers:
        return {}
    values = {"organization_id": organization_id, "numbers": [str(number) for number in numbers]}
    found = await rows.all(REFERENCES.sql, *REFERENCES.values(values))
    return {int(row.number): row.times for row in found}
