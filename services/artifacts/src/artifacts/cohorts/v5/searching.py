"""Search of cohorts in the v5 dialect."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import facets, flags, queries, rules
from artifacts.cohorts.facets import Filters, Option
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.queries import Found
from artifacts.cohorts.v5.schemas import (
    CohortList,
    CreateCohortItem,
    ListCohortApiCohort,
    ListCohortApiDepartment,
    ListCohortApiProfile,
    ListCohortApiSimulation,
    SearchCohorts,
)
from artifacts.departments import queries as department_queries
from artifacts.matching import among
from artifacts.profiles.models import Profile
from artifacts.simulations.models import Simulation
from artifacts.v5.paging import page
from artifacts.v5.schemas import ListFilterOption, ListFilterSection


async def search(session: AsyncSession, actor: Actor, wanted: SearchCohorts) -> CohortList:
    """A page of cohorts, newest first, with filters."""
    filters = Filters(
        organization_id=actor.organization_id,
        search=wanted.search or "",
        profile_ids=wanted.filter_profile_ids,
        simulation_ids=wanted.filter_simulation_ids,
        department_ids=wanted.filter_department_ids,
    )
    statement = queries.live(actor.organization_id).where(facets.conditions(filters))
    statement = statement.order_by(Cohort.created_at.desc(), Cohort.id.desc())
    counts = await facets.activity(session, filters)
    asked = page(wanted.page_size, wanted.page_offset)
    found = await queries.rows(session, statement.limit(asked.limit).offset(asked.offset)) if sum(counts) else []
    cohorts = await _listed(session, actor, found)
    return CohortList(
        actor_name=actor.name,
        user_role=actor.role,
        cohorts=cohorts,
        profiles=await _profiles(session, actor, {i for cohort in cohorts for i in cohort.profile_ids}),
        simulations=await _simulations(session, actor, {i for cohort in cohorts for i in cohort.simulation_ids}),
        departments=await _departments(session, actor, {i for cohort in cohorts for i in cohort.department_ids}),
        total_count=sum(counts),
        import_fields=IMPORT_FIELDS,
        **await _filters(session, filters, wanted, counts),
    )


async def _listed(session: AsyncSession, actor: Actor, rows: list[Found]) -> list[ListCohortApiCohort]:
    """The rows of a page; what the actor may is asked once for the page."""
    ids = [row.cohort.id for row in rows]
    members = await queries.members(session, ids)
    own = await queries.cohorts_with(session, ids, actor.profile_id)
    used = await queries.references(session, actor.organization_id, [row.cohort.number for row in rows])
    may = {f"can_{name}": rules.refusal(actor, name) is None for name in ("edit", "delete", "duplicate")}
    return [
        ListCohortApiCohort(
            cohort_id=row.cohort.id,
            name=row.name,
            description=row.description,
            is_inactive=not row.cohort.is_active,
            generated=row.cohort.generated,
            mcp=row.cohort.mcp,
            department_ids=row.cohort.department_ids,
            profile_ids=members.get(row.cohort.id, []),
            simulation_ids=row.cohort.simulation_ids,
            usage_count=used.get(row.cohort.number, 0),
            num_members=row.cohort.member_count,
            can_leave=rules.refusal(actor, "leave", is_member=row.cohort.id in own, is_static=row.cohort.is_static)
            is None,
            updated_at=row.cohort.updated_at,
            **may,
        )
        for row in rows
    ]


async def _filters(
    session: AsyncSession, filters: Filters, wanted: SearchCohorts, counts: tuple[int, int]
) -> dict[str, ListFilterSection]:
    simulations = await facets.simulations(session, filters, wanted.simulation_search or "")
    profiles = await facets.profiles(session, filters, wanted.profile_search or "")
    departments = await facets.departments(session, filters, wanted.department_search or "")
    flag_search = wanted.flag_search or ""
    shown = [
        ListFilterOption(id=str(flag.id), name=flag.name, count=count, value=str(flag.value).lower(), type=flags.KEY)
        for flag, count in zip((flags.ACTIVE, flags.INACTIVE), counts, strict=True)
        if flag_search.lower() in flag.name.lower()
    ]
    return {
        "simulation_filter": _section(simulations, filters.simulation_ids, wanted.simulation_search),
        "profile_filter": _section(profiles, filters.profile_ids, wanted.profile_search),
        "department_filter": _section(departments, filters.department_ids, wanted.department_search),
        "flag_filter": ListFilterSection(shown, [], flag_search),
    }


def _section(options: Iterable[Option], selected: list[UUID] | None, search: str | None) -> ListFilterSection:
    shown = [ListFilterOption(id=str(option.id), name=option.name, count=option.count) for option in options]
    return ListFilterSection(shown, [str(identifier) for identifier in selected or ()], search or "")


async def _profiles(session: AsyncSession, actor: Actor, ids: set[UUID]) -> list[ListCohortApiProfile]:
    own = (Profile.organization_id == actor.organization_id, among(Profile.id, ids))
    statement = select(Profile.id, Profile.name, Profile.role).where(*own).order_by(Profile.name, Profile.id)
    return [ListCohortApiProfile(*row) for row in await session.execute(statement)] if ids else []


async def _simulations(session: AsyncSession, actor: Actor, ids: set[UUID]) -> list[ListCohortApiSimulation]:
    statement = select(Simulation).where(Simulation.organization_id == actor.organization_id, among(Simulation.id, ids))
    rows = await session.scalars(statement.order_by(Simulation.name, Simulation.id)) if ids else ()
    return [ListCohortApiSimulation(row.id, row.name, row.description, row.department_ids) for row in rows]


async def _departments(session: AsyncSession, actor: Actor, ids: set[UUID]) -> list[ListCohortApiDepartment]:
    rows = await department_queries.by_ids(session, actor.organization_id, ids)
    return [ListCohortApiDepartment(row.id, row.name, "") for row in rows]


def _import_fields() -> list[Any]:
    """What a file of cohorts may hold: the fields of `create` that are given by value."""
    by_value = ("name", "description", "active_flag", "departments", "simulations", "profiles")
    lists = {"departments", "simulations", "profiles"}
    kinds = {name: "list" if name in lists else "string" for name in CreateCohortItem.__struct_fields__} | {
        "active_flag": "boolean"
    }
    return [{"name": name, "type": kinds[name], "required": name == "name"} for name in by_value]


IMPORT_FIELDS = _import_fields()
