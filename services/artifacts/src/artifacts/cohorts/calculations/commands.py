"""Asking for calculations."""

from collections.abc import Sequence
from uuid import UUID

from kernel import Invalid
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.calculations import changes
from artifacts.cohorts.filters import Behavioral, Group, PersonLeaf, leaves, references
from artifacts.cohorts.filters.parsing import effective
from artifacts.cohorts.models import Cohort

LOOP = "Cohorts cannot reference other cohorts in a loop."
UNKNOWN = "Invalid Cohort ID in filter"
NUMBERS = text("""
SELECT number, id FROM cohorts
 WHERE organization_id = :organization_id AND number = ANY(CAST(:numbers AS bigint[]))
   AND (deleted_at IS NULL OR id = ANY(CAST(:kept AS uuid[])))
""")
DOWNSTREAM = """
WITH RECURSIVE downstream (cohort_id) AS (
    SELECT CAST(:cohort_id AS uuid)
    UNION
    SELECT m.cohort_id FROM downstream d
      JOIN cohort_mentions m ON m.organization_id = CAST(:organization_id AS uuid)
                            AND m.kind = 'cohort' AND m.name = CAST(d.cohort_id AS text)
)"""
REACHES = text(f"""{DOWNSTREAM}
SELECT 1 FROM downstream WHERE cohort_id = ANY(CAST(:named AS uuid[]))
""")  # noqa: S608 the text is ours
FORGET = text("DELETE FROM cohort_mentions WHERE cohort_id = :cohort_id RETURNING kind, name")
MENTION = text("""
INSERT INTO cohort_mentions (organization_id, kind, name, cohort_id)
SELECT CAST(:organization_id AS uuid), kind, name, CAST(:cohort_id AS uuid)
  FROM unnest(CAST(:kinds AS text[]), CAST(:names AS text[])) AS one (kind, name)
""")
REQUEST = text(f"""{DOWNSTREAM}, asked AS (
    UPDATE cohorts c SET pending_version = COALESCE(c.pending_version, 0) + 1
      FROM downstream d
     WHERE c.id = d.cohort_id AND c.deleted_at IS NULL AND (NOT c.is_static OR c.id = CAST(:cohort_id AS uuid))
    RETURNING c.id, c.organization_id, c.pending_version
), planned AS (
    INSERT INTO cohort_schedules (cohort_id, organization_id) SELECT id, organization_id FROM asked
    ON CONFLICT (cohort_id) DO NOTHING
)
SELECT pending_version FROM asked WHERE id = CAST(:cohort_id AS uuid)
""")  # noqa: S608
HOLD_GRAPH = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(CAST(:organization_id AS uuid) AS text), 8))")


async def request(session: AsyncSession, cohort: Cohort) -> int | None:
    """Ask that a cohort be calculated, and after it every cohort that names it, directly or through others.

    For a dynamic cohort what it mentions is noted anew. A static cohort is calculated from its filters or its `query`
    once, and its people are added. Returns the new `pending_version`, which the cohort has then, too; None for a
    deleted cohort. Raises Invalid for a loop of cohorts and for the number of no cohort.
    """
    await session.flush()
    await follow(session, cohort)
    values = {"organization_id": cohort.organization_id, "cohort_id": cohort.id}
    version = (await session.execute(REQUEST, values)).scalar_one_or_none()
    await session.refresh(cohort, ["pending_version"])
    changes.wake(session)
    return version


async def follow(session: AsyncSession, cohort: Cohort) -> None:
    """Note what a cohort's filters mention; a static or deleted one mentions nothing. Raises Invalid."""
    values = {"organization_id": cohort.organization_id, "cohort_id": cohort.id}
    await session.execute(HOLD_GRAPH, values)
    before = [UUID(name) for kind, name in await session.execute(FORGET, values) if kind == "cohort"]
    if cohort.is_static or cohort.deleted_at is not None:
        return
    group = effective(cohort.filters, cohort.groups)
    named = await check_references(session, cohort.organization_id, cohort.id, group, kept=before)
    mentions = [("any", "*"), *_mentioned(group), *(("cohort", str(one)) for one in named)]
    kinds, names = (list(column) for column in zip(*mentions, strict=True))
    await session.execute(MENTION, values | {"kinds": kinds, "names": names})


async def check_references(
    session: AsyncSession, organization_id: UUID, cohort_id: UUID | None, group: Group, *, kept: Sequence[UUID] = ()
) -> Sequence[UUID]:
    """The ids of the cohorts that filters name.

    `cohort_id` is None for a cohort that is not there yet. Cohorts that were deleted may stay named (`kept`); nobody
    is in them. Raises Invalid for the number of no cohort, and where one of them depends on `cohort_id` itself.
    """
    numbers = sorted(references(group))
    if not numbers:
        return []
    values = {"organization_id": organization_id, "numbers": numbers, "kept": list(kept), "cohort_id": cohort_id}
    known = {row.number: row.id for row in await session.execute(NUMBERS, values)}
    if len(known) < len(numbers):
        raise Invalid(UNKNOWN, code="invalid_input")
    named = list(known.values())
    if cohort_id is not None and (await session.execute(REACHES, values | {"named": named})).first() is not None:
        raise Invalid(LOOP, code="invalid_input")
    return named


def _mentioned(group: Group) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for leaf in leaves(group):
        if isinstance(leaf, PersonLeaf):
            found["property", leaf.key] = None
        elif isinstance(leaf, Behavioral):
            found["event", str(leaf.key)] = None
            if leaf.seq_event is not None:
                found["event", str(leaf.seq_event)] = None
    return list(found)
