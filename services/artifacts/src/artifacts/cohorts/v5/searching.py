"""Search of cohorts in the v5 dialect."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from database import Rows, Template
from kernel import Page
from sqlalchemy import text

from artifacts.actors import Actor
from artifacts.cohorts import facets, flags, queries, rules
from artifacts.cohorts.facets import Filters, Option
from artifacts.cohorts.queries import SHOWN_MEMBERS
from artifacts.cohorts.v5.schemas import (
    CohortList,
    CreateCohortItem,
    ListCohortApiCohort,
    ListCohortApiDepartment,
    ListCohortApiProfile,
    ListCohortApiSimulation,
    SearchCohorts,
)
from artifacts.v5.paging import page
from artifacts.v5.schemas import ListFilterOption, ListFilterSection

MEMBERS = Template(
    text("""
SELECT c.id, m.profile_id FROM unnest(CAST(:ids AS uuid[])) AS c (id)
 CROSS JOIN LATERAL (SELECT profile_id, id FROM cohort_members
                      WHERE cohort_id = c.id AND until IS NULL ORDER BY id LIMIT :most) m
""")
)
OWN = Template(
    text("""
SELECT cohort_id FROM cohort_members
 WHERE profile_id = :profile_id AND until IS NULL AND cohort_id = ANY(CAST(:ids AS uuid[]))
""")
)
PROFILES, SIMULATIONS, DEPARTMENTS = (
    Template(
        text(f"""
SELECT {columns} FROM {table}
 WHERE organization_id = :organization_id AND id = ANY(CAST(:ids AS uuid[])) {which} ORDER BY name, id
""")  # noqa: S608 the text is ours
    )
    for table, columns, which in (
        ("profiles", "id, name, role", ""),
        ("simulations", "id, name, description, department_ids", ""),
        ("groups", "id, name, ''", "AND node_type = 'division' AND is_active"),
    )
)
PAGE = """
SELECT c.id, c.number, n.value AS name, COALESCE(d.value, '') AS description, c.is_active, c.is_static, c.generated,
       c.mcp, c.department_ids, c.simulation_ids, c.member_count, c.updated_at FROM {cohorts}
 ORDER BY c.created_at DESC, c.id DESC LIMIT :limit OFFSET :offset"""


async def search(rows: Rows, actor: Actor, wanted: SearchCohorts) -> CohortList:
    """A page of cohorts, newest first, with filters."""
    filters = Filters(
        organization_id=actor.organization_id,
        search=wanted.search or "",
        profile_ids=wanted.filter_profile_ids,
        simulation_ids=wanted.filter_simulation_ids,
        department_ids=wanted.filter_department_ids,
    )
    counts = await facets.activity(rows, filters)
    found = await _page(rows, filters, page(wanted.page_size, wanted.page_offset)) if sum(counts) else []
    cohorts = await _listed(rows, actor, found)
    people = {identifier for cohort in cohorts for identifier in cohort.profile_ids}
    simulations = {identifier for cohort in cohorts for identifier in cohort.simulation_ids}
    departments = {identifier for cohort in cohorts for identifier in cohort.department_ids}
    profiles = [ListCohortApiProfile(*row) for row in await _named(rows, PROFILES, actor, people)]
    known = {profile.profile_id for profile in profiles}
    for cohort in cohorts:  # a person without a profile is counted, and not in this list
        cohort.profile_ids = [identifier for identifier in cohort.profile_ids if identifier in known]
    return CohortList(
        actor_name=actor.name,
        user_role=actor.role,
        cohorts=cohorts,
        profiles=profiles,
        simulations=[ListCohortApiSimulation(*row) for row in await _named(rows, SIMULATIONS, actor, simulations)],
        departments=[ListCohortApiDepartment(*row) for row in await _named(rows, DEPARTMENTS, actor, departments)],
        total_count=sum(counts),
        import_fields=IMPORT_FIELDS,
        **await _filters(rows, filters, wanted, counts),
    )


async def _page(rows: Rows, filters: Filters, asked: Page) -> list[Any]:
    given = filters.given
    template = facets.TEMPLATES.get(("page", given), lambda: text(PAGE.format(cohorts=facets.cohorts(given))))
    values = filters.values(limit=asked.limit, offset=asked.offset)
    return await rows.all(template.sql, *template.values(values))


async def _listed(rows: Rows, actor: Actor, found: list[Any]) -> list[ListCohortApiCohort]:
    """The rows of a page; what the actor may is asked once for the page."""
    ids = [row.id for row in found]
    members: dict[UUID, list[UUID]] = {one: [] for one in ids}
    for cohort_id, profile_id in await _all(rows, MEMBERS, ids=ids, most=SHOWN_MEMBERS) if ids else ():
        members[cohort_id].append(profile_id)
    asks = ids and actor.profile_id
    own = {row[0] for row in await _all(rows, OWN, ids=ids, profile_id=actor.profile_id)} if asks else set[UUID]()
    used = await queries.references(rows, actor.organization_id, [row.number for row in found])
    may = {f"can_{name}": rules.refusal(actor, name) is None for name in ("edit", "delete", "duplicate")}
    return [
        ListCohortApiCohort(
            cohort_id=row.id,
            name=row.name,
            description=row.description,
            is_inactive=not row.is_active,
            generated=row.generated,
            mcp=row.mcp,
            department_ids=row.department_ids,
            profile_ids=members[row.id],
            simulation_ids=row.simulation_ids,
            usage_count=used.get(row.number, 0),
            num_members=row.member_count,
            can_leave=rules.refusal(actor, "leave", is_member=row.id in own, is_static=row.is_static) is None,
            updated_at=row.updated_at,
            **may,
        )
        for row in found
    ]


async def _filters(
    rows: Rows, filters: Filters, wanted: SearchCohorts, counts: tuple[int, int]
) -> dict[str, ListFilterSection]:
    kinds: tuple[tuple[facets.Kind, list[UUID] | None, str | None], ...] = (
        ("simulation", filters.simulation_ids, wanted.simulation_search),
        ("profile", filters.profile_ids, wanted.profile_search),
        ("department", filters.department_ids, wanted.department_search),
    )
    sections = {
        f"{kind}_filter": _section(await facets.options(rows, kind, filters, search or "", selected), selected, search)
        for kind, selected, search in kinds
    }
    flag_search = wanted.flag_search or ""
    shown = [
        ListFilterOption(id=str(flag.id), name=flag.name, count=count, value=str(flag.value).lower(), type=flags.KEY)
        for flag, count in zip((flags.ACTIVE, flags.INACTIVE), counts, strict=True)
        if flag_search.lower() in flag.name.lower()
    ]
    return {**sections, "flag_filter": ListFilterSection(shown, [], flag_search)}


async def _named(rows: Rows, template: Template, actor: Actor, ids: set[UUID]) -> list[Any]:
    return await _all(rows, template, organization_id=actor.organization_id, ids=list(ids)) if ids else []


async def _all(rows: Rows, template: Template, **values: Any) -> list[Any]:
    return await rows.all(template.sql, *template.values(values))


def _section(options: Iterable[Option], selected: list[UUID] | None, search: str | None) -> ListFilterSection:
    shown = [ListFilterOption(id=str(option.id), name=option.name, count=option.count) for option in options]
    return ListFilterSection(shown, [str(identifier) for identifier in selected or ()], search or "")


def _import_fields() -> list[Any]:
    """What a file of cohorts may hold: the fields of `create` that are given by value."""
    by_value = ("name", "description", "active_flag", "departments", "simulations", "profiles")
    lists = {"departments", "simulations", "profiles"}
    kinds = {name: "list" if name in lists else "string" for name in CreateCohortItem.__struct_fields__} | {
        "active_flag": "boolean"
    }
    return [{"name": name, "type": kinds[name], "required": name == "name"} for name in by_value]


IMPORT_FIELDS = _import_fields()
