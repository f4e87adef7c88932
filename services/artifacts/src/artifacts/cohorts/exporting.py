"""Cohorts as a file: a row for each member, and one for a cohort without members."""

from uuid import UUID

from chassis.runtime import Runtime
from kernel import NotFound
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import activities
from artifacts.cohorts.activities import Entry
from artifacts.cohorts.models import Cohort
from artifacts.uploads import commands as uploads
from artifacts.uploads.commands import cell, moment
from artifacts.uploads.models import Upload

LISTED = """
(SELECT string_agg(named.name, '; ' ORDER BY named.name)
   FROM {table} named WHERE named.id = ANY(c.{column}) AND named.organization_id = c.organization_id)"""
ROWS = f"""
WITH chosen AS MATERIALIZED (
    SELECT c.id, c.number, c.is_active, c.is_static, c.member_count, {moment("c.created_at")} AS created_at,
           {moment("c.updated_at")} AS updated_at, {cell("n.value")} AS name, {cell("d.value")} AS description,
           {cell("listed.departments")} AS departments, {cell("listed.simulations")} AS simulations
      FROM cohorts c
      LEFT JOIN texts n ON n.id = c.name_id
      LEFT JOIN texts d ON d.id = c.description_id
      CROSS JOIN LATERAL (SELECT {LISTED.format(table="groups", column="department_ids")} AS departments,
                                 {LISTED.format(table="simulations", column="simulation_ids")} AS simulations
                          OFFSET 0) listed
     WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND (CAST($2 AS uuid) IS NULL OR c.id = $2)
     ORDER BY c.created_at, c.id
)
SELECT c.id AS cohort_id, c.number AS cohort_number, c.name, c.description,
       CASE WHEN c.is_active THEN 'yes' ELSE 'no' END AS active,
       CASE WHEN c.is_static THEN 'static' ELSE 'dynamic' END AS kind, c.departments, c.simulations,
       c.member_count AS members, c.created_at, c.updated_at, m.profile_id, m.profile_name, m.profile_role,
       m.member_source, m.member_since
  FROM chosen c
  LEFT JOIN LATERAL (
    SELECT m.profile_id, {cell("p.name")} AS profile_name, p.role AS profile_role, m.source AS member_source,
           {moment("m.since")} AS member_since
      FROM cohort_members m JOIN profiles p ON p.id = m.profile_id
     WHERE m.cohort_id = c.id AND m.until IS NULL
     ORDER BY m.id
    OFFSET 0) m ON true
"""  # noqa: S608 the text is ours
"""One cohort after another, the members of each by themselves, so nothing is sorted whole and the first rows come at
once: a sort of all rows costs three times as much, and the disk. Each OFFSET keeps what is below it from being merged
into the rest and computed again for each time that it is named."""


async def export(
    session: AsyncSession, runtime: Runtime, actor: Actor, cohort_id: UUID | None, *, mcp: bool = False
) -> Upload:
    """Write one cohort or all of them into a file. Raises NotFound, TooManyRequests, Unavailable."""
    if cohort_id is not None:
        within = Cohort.organization_id == actor.organization_id
        there = select(Cohort.id).where(Cohort.id == cohort_id, within, Cohort.deleted_at.is_(None))
        if (await session.execute(there)).first() is None:
            raise NotFound
    upload = await uploads.write_csv(session, runtime, actor, "cohorts", ROWS, actor.organization_id, cohort_id)
    entry = Entry(cohort_id, "exported", [activities.changed("rows", None, upload.row_count)])
    await activities.note(session, actor.organization_id, [entry], actor=actor, mcp=mcp)
    return upload
