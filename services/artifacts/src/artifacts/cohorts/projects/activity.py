"""What was done to cohorts, as the projects dialect tells it."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.models import Cohort, CohortActivity
from artifacts.cohorts.projects.schemas import (
    Activities,
    ActivityChange,
    ActivityDetail,
    ActivityEntry,
    ActivityQuery,
    ActivityUser,
)
from artifacts.matching import among
from artifacts.profiles.models import Profile
from artifacts.texts.models import Text

TEXTS = {"name_id": "name", "description_id": "description"}
"""Fields that hold the ids of texts, and what they are called here."""


async def list_(
    session: AsyncSession, organization_id: UUID, cohort_id: UUID | None, query: ActivityQuery, address: str
) -> Activities:
    """A page of what was done to a cohort, or to all of the organization's; newest first."""
    theirs = [CohortActivity.organization_id == organization_id]
    if cohort_id is not None:
        theirs.append(CohortActivity.cohort_id == cohort_id)
    total = (await session.execute(select(func.count()).select_from(CohortActivity).where(*theirs))).scalar_one()
    offset = (query.page - 1) * query.limit
    statement = (
        select(CohortActivity, Cohort.number, Profile.first_name, Profile.primary_email)
        .outerjoin(Cohort, Cohort.id == CohortActivity.cohort_id)
        .outerjoin(Profile, and_(Profile.organization_id == organization_id, Profile.user_id == CohortActivity.user_id))
        .where(*theirs)
        .order_by(CohortActivity.id.desc())
        .limit(query.limit)
        .offset(offset)
    )
    rows = (await session.execute(statement)).all() if total > offset else []
    texts = await _texts(session, [row.CohortActivity for row in rows])
    more = offset + query.limit < total
    return Activities(
        results=[_entry(row, texts) for row in rows],
        next=_address(address, query, query.page + 1) if more else None,
        previous=_address(address, query, query.page - 1) if query.page > 1 else None,
        total_count=total,
    )


async def _texts(session: AsyncSession, entries: Iterable[CohortActivity]) -> dict[str, str]:
    """The texts whose ids stand in changes."""
    wanted = {
        UUID(one[side])
        for entry in entries
        for one in entry.changes
        if one.get("field") in TEXTS
        for side in ("before", "after")
        if one.get(side)
    }
    if not wanted:
        return {}
    rows: Sequence[Any] = (await session.execute(select(Text.id, Text.value).where(among(Text.id, wanted)))).all()
    return {str(row.id): row.value for row in rows}


def _entry(row: Any, texts: dict[str, str]) -> ActivityEntry:
    entry: CohortActivity = row.CohortActivity
    return ActivityEntry(
        user=ActivityUser(row.first_name or "", row.primary_email),
        activity=entry.activity,
        item_id=None if row.number is None else str(row.number),
        detail=ActivityDetail(changes=[_change(one, texts) for one in entry.changes], name=entry.name),
        created_at=entry.created_at,
    )


def _change(one: dict[str, Any], texts: dict[str, str]) -> ActivityChange:
    field = str(one.get("field"))
    if field in TEXTS:
        empty = None if field == "name_id" else ""
        before, after = (texts.get(str(one.get(side)), empty) for side in ("before", "after"))
        return ActivityChange(field=TEXTS[field], before=before, after=after)
    if "added" in one:
        told = {name: value for name, value in one.items() if name != "field"}
        return ActivityChange(field="people", before=None, after=told)
    return ActivityChange(field=field, before=one.get("before"), after=one.get("after"))


def _address(address: str, query: ActivityQuery, page: int) -> str:
    return f"{address}?{urlencode({'limit': query.limit, 'page': page})}"
