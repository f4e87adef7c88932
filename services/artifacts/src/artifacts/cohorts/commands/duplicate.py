"""Duplicating a cohort."""

from uuid import UUID

from contracts.artifacts import CohortCreated
from kernel import uuid7
from messaging import publish_many
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import activities, members, queries, rules
from artifacts.cohorts.activities import Entry, changed
from artifacts.cohorts.calculations.commands import request
from artifacts.cohorts.commands.moves import told
from artifacts.cohorts.members import Change
from artifacts.cohorts.models import Cohort
from artifacts.organizations.commands import take_numbers
from artifacts.texts.commands import NAME, made_texts

SUFFIX = " (copy)"
LONGEST_NAME = 400
COPIED = """
    description_id, is_active, department_ids, simulation_ids, simulation_position_ids, simulation_availability_ids,
    profile_persona_ids, member_count, is_static, cohort_type, groups, filters, query, app_id, source, schema_version,
    program_id, start_date, end_date, session_count, facilitator_ids, assigned_assessment_ids, completion_required_pct,
    metadata, tags
"""
COPY = text(f"""
INSERT INTO cohorts (id, organization_id, number, name_id, mcp, created_by, updated_by, source_type, {COPIED})
SELECT CAST(:id AS uuid), organization_id, CAST(:number AS bigint), CAST(:name_id AS uuid), CAST(:mcp AS boolean),
       CAST(:user_id AS uuid), CAST(:user_id AS uuid), CAST(:source_type AS text), {COPIED}
  FROM cohorts WHERE id = :origin
""")  # noqa: S608 the text is ours


async def duplicate(session: AsyncSession, actor: Actor, cohort_id: UUID, *, mcp: bool = False) -> UUID:
    """Make another cohort with the same members and choices; a dynamic one follows people like the first.

    Raises Forbidden, NotFound.
    """
    rules.demand(actor, "duplicate")
    statement = queries.live(actor.organization_id).where(Cohort.id == cohort_id)
    found = await queries.one(session, statement.with_for_update(of=Cohort, read=True))
    name = f"{(found.name or '')[: LONGEST_NAME - len(SUFFIX)]}{SUFFIX}".strip()
    texts = await made_texts(session, actor.organization_id, [(NAME, name)])
    (number,) = await take_numbers(session, actor.organization_id, "cohort", 1)
    identifier = uuid7()
    values = {
        "id": identifier,
        "origin": cohort_id,
        "number": number,
        "name_id": texts[NAME, name],
        "mcp": mcp,
        "user_id": actor.user_id,
        "source_type": "backend" if actor.user_id is None else "frontend",
    }
    await session.execute(COPY, values)
    copied = await members.copy(session, actor.organization_id, cohort_id, identifier)
    entry = Entry(identifier, "duplicated", [changed("origin", None, str(cohort_id))])
    await activities.note(session, actor.organization_id, [entry], actor=actor, mcp=mcp)
    event = CohortCreated(cohort_id=identifier, organization_id=actor.organization_id, number=number, mcp=mcp)
    moved = {identifier: Change(added=copied)}
    await publish_many(session, [event, *told(actor.organization_id, moved)])
    if not found.cohort.is_static:
        await request(session, await session.get_one(Cohort, identifier))
    return identifier
