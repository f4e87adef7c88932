"""Writes of cohorts in the learning dialect."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from kernel import Conflict, NotFound, now
from msgspec import UNSET
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.cohorts.commands as core
from artifacts.actors import Actor
from artifacts.cohorts import rules
from artifacts.cohorts.learning import checking, queries
from artifacts.cohorts.learning.lifecycle import status_of
from artifacts.cohorts.learning.schemas import LearningCohort, WrittenCohort
from artifacts.cohorts.models import Cohort

COLUMNS = {
    "name": "name",
    "source": "source",
    "source_type": "source_type",
    "group_id": "group_id",
    "program_id": "program_id",
    "start_date": "start_date",
    "end_date": "end_date",
    "status": "status",
    "session_count": "session_count",
    "facilitator_ids": "facilitator_ids",
    "assigned_assessment_ids": "assigned_assessment_ids",
    "completion_required_pct": "completion_required_pct",
    "metadata": "metadata_",
    "tags": "tags",
}
EMPTY: dict[str, Any] = {"facilitator_ids": [], "assigned_assessment_ids": [], "metadata": {}, "tags": []}
"""What null means for members that are never null."""


async def create(
    session: AsyncSession, actor: Actor, principal: Principal, data: WrittenCohort, *, mcp: bool = False
) -> LearningCohort:
    """Make a cohort without learners. Raises Forbidden, Invalid."""
    rules.demand(actor, "create")
    checking.refuse_stamped(data, checking.stamped(principal, actor.organization_id))
    values = _values(data)
    await checking.check(session, actor.organization_id, values, None)
    cohort = await core.establish(session, actor, {**values, "app_id": checking.application(principal)}, mcp=mcp)
    return await queries.read(session, principal, actor.organization_id, cohort.id)


async def update(
    session: AsyncSession,
    actor: Actor,
    principal: Principal,
    cohort_id: UUID,
    data: WrittenCohort,
    *,
    mcp: bool = False,
) -> LearningCohort:
    """Change what is said of a cohort. Raises Forbidden, Invalid, NotFound; Conflict where it is another version."""
    rules.demand(actor, "edit")
    cohort = await held(session, actor, principal, cohort_id)
    if data.version is not UNSET and data.version != cohort.version:
        raise Conflict(
            "The cohort was written meanwhile.", code="version-conflict", meta={"current_version": cohort.version}
        )
    checking.refuse_stamped(data, await queries.read(session, principal, actor.organization_id, cohort_id))
    values = _values(data)
    if values.get("status") == status_of(cohort, now()):
        del values["status"], values["status_at"]
    await checking.check(session, actor.organization_id, values, cohort)
    await core.change(session, actor, cohort, values, mcp=mcp)
    return await queries.read(session, principal, actor.organization_id, cohort_id)


async def delete(
    session: AsyncSession, actor: Actor, principal: Principal, cohort_id: UUID, *, mcp: bool = False
) -> None:
    """Delete a cohort: it leaves the default lists. Raises Forbidden, NotFound; Conflict while others need it."""
    rules.demand(actor, "delete")
    await held(session, actor, principal, cohort_id)
    (outcome,) = await core.delete(session, actor, [cohort_id], mcp=mcp)
    if outcome.problems:
        raise Conflict(outcome.problems[0].message, code="in-use")


async def held(session: AsyncSession, actor: Actor, principal: Principal, cohort_id: UUID) -> Cohort:
    """A live cohort of the caller's, whose row is held until the transaction ends. Raises NotFound."""
    return await _one(session, core.held(_theirs(actor, principal, cohort_id).where(Cohort.deleted_at.is_(None))))


async def found(session: AsyncSession, actor: Actor, principal: Principal, cohort_id: UUID) -> Cohort:
    """A cohort of the caller's, also one that was deleted. Raises NotFound."""
    return await _one(session, _theirs(actor, principal, cohort_id))


def _theirs(actor: Actor, principal: Principal, cohort_id: UUID) -> Select[Cohort]:
    theirs = [Cohort.id == cohort_id, Cohort.organization_id == actor.organization_id]
    if (application := checking.application(principal)) is not None:
        theirs.append(Cohort.app_id == application)
    return select(Cohort).where(*theirs)


async def _one(session: AsyncSession, statement: Select[Cohort]) -> Cohort:
    cohort = (await session.scalars(statement)).one_or_none()
    if cohort is None:
        raise NotFound
    return cohort


def _values(data: WrittenCohort) -> dict[str, Any]:
    """The columns that a client says something of. A status that is said counts from now on."""
    given = {name: getattr(data, name) for name in COLUMNS if getattr(data, name) is not UNSET}
    values = {COLUMNS[name]: EMPTY.get(name) if value is None else value for name, value in given.items()}
    if "name" in given and given["name"] is not None:
        values["name"] = given["name"].strip()
    if "tags" in values:
        values["tags"] = list(dict.fromkeys(tag.strip() for tag in values["tags"] or ()))
    if "status" in given:
        values["status_at"] = None if given["status"] is None else now()
        values["status"] = given["status"] or "active"
    return values
