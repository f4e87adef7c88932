"""A static cohort of the people who are in another one."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from kernel import NotFound
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.cohorts.commands as core
from artifacts.actors import Actor
from artifacts.cohorts import members, rules
from artifacts.cohorts.activities import changed
from artifacts.cohorts.calculations.commands import request
from artifacts.cohorts.commands.moves import tell
from artifacts.cohorts.imports.commands import begin
from artifacts.cohorts.imports.sheets import Sheet
from artifacts.cohorts.members import Change
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.projects.commands.sources import held
from artifacts.texts.models import Text

SUFFIX = " (static copy)"
LONGEST_NAME = 400
MOST_AT_ONCE = 10_000
"""More people than this come in batches, as from a file."""
PRESENT = text("""
SELECT profile_id FROM cohort_members
 WHERE cohort_id = :cohort_id AND until IS NULL AND profile_id > :after ORDER BY profile_id LIMIT :most
""")


async def duplicate(session: AsyncSession, runtime: Runtime, actor: Actor, number: int) -> int:
    """Make a static cohort with the people of another. Returns its integer. Raises Forbidden, NotFound."""
    rules.demand(actor, "duplicate")
    origin = await held(session, actor.organization_id, number)
    if origin.deleted_at is not None:
        raise NotFound
    name = (await session.get_one(Text, origin.name_id)).value if origin.name_id else ""
    waits = not origin.is_static and (origin.pending_version or 0) > (origin.calculated_version or 0)
    values = {
        "name": f"{name[: LONGEST_NAME - len(SUFFIX)]}{SUFFIX}".strip(),
        "is_static": True,
        "groups": origin.groups if waits else [],
        "filters": origin.filters if waits else None,
        "source_type": "backend" if actor.user_id is None else "frontend",
    }
    change = changed("origin", None, origin.number)
    cohort = await core.establish(session, actor, values, activity="duplicated", changes=[change])
    if waits:
        await request(session, cohort)
    elif origin.member_count <= MOST_AT_ONCE:
        cohort.member_count = origin.member_count
        copied = await members.copy(session, actor.organization_id, origin.id, cohort.id)
        await tell(session, actor.organization_id, {cohort.id: Change(added=copied)})
    else:
        await _copy_in_batches(session, runtime, origin, cohort.id)
    return cohort.number


async def _copy_in_batches(session: AsyncSession, runtime: Runtime, origin: Cohort, to: UUID) -> None:
    """Write who is in the cohort into a file, and let the worker read it."""
    sheet, after = Sheet("person_id"), UUID(int=0)
    with NamedTemporaryFile(suffix=".jsonl") as ids:
        while found := list(
            await session.scalars(PRESENT, {"cohort_id": origin.id, "after": after, "most": MOST_AT_ONCE})
        ):
            ids.write(b"".join(msgspec.json.encode(one) + b"\n" for one in found))
            sheet.count += len(found)
            after = found[-1]
        ids.flush()
        await begin(session, runtime, origin.organization_id, to, sheet, Path(ids.name))
