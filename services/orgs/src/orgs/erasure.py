"""What orgs holds of a person, and what becomes of it when they are erased."""

from collections import defaultdict
from uuid import UUID

from chassis.erasure import Blanked, Gone, Person, Plan
from chassis.runtime import Runtime
from contracts.orgs import IndividualErased, OrganizationUserRemoved
from kernel import Unavailable
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_alone
from orgs.exports import commands as exports
from orgs.individual_group_logs.commands import record
from orgs.individual_groups.commands import forget_staff
from orgs.individual_groups.commands.kept import count
from orgs.individual_groups.events import people_changed
from orgs.individual_groups.models import KEPT

OWN = (
    "id = ANY (:individual_ids) OR user_id = :user_id"
    " OR (owner_type = 'user' AND owner_id = :user_id AND user_id IS NULL)"
)
"""The individuals who are the person, and those whom nobody but the person owns."""

PLACES = text("""
    SELECT organization_id FROM memberships WHERE user_id = :user_id
     UNION
    SELECT organization_id FROM individuals WHERE id = ANY (:individual_ids) OR user_id = :user_id
     ORDER BY 1
""")
INDIVIDUALS = text(f"SELECT id, organization_id FROM individuals WHERE {OWN} ORDER BY id FOR UPDATE")  # noqa: S608
TAKE_OUT = text("""
    DELETE FROM group_individuals USING individual_groups g
     WHERE g.id = group_individuals.group_id AND individual_id = ANY (:individuals)
    RETURNING g.organization_id, g.id, g.type, individual_id
""")
EXPORTS = text("""
    SELECT id, phase FROM exports WHERE organization_id = ANY (:organization_ids) AND phase IN ('running', 'done')
     ORDER BY id FOR UPDATE
""")
LEAVE = text("DELETE FROM memberships WHERE user_id = :user_id RETURNING organization_id")


async def leave(session: AsyncSession, person: Person) -> dict[str, int]:
    """Take the person out of groups and organizations as others do, so that everybody hears of it."""
    who = {"user_id": person.user_id, "individual_ids": person.individual_ids}
    for organization_id in (await session.scalars(PLACES, who)).all():
        if organization_id is not None:
            await forest_alone(session, organization_id)
    individuals = (await session.execute(INDIVIDUALS, who)).all()
    counts = {"group_individuals": await _take_out(session, [row.id for row in individuals]), "memberships": 0}
    if person.user_id is not None:
        for organization_id in sorted((await session.scalars(LEAVE, who)).all()):
            await forget_staff(session, None, organization_id, person.user_id)
            await publish(session, OrganizationUserRemoved(organization_id=organization_id, user_id=person.user_id))
            counts["memberships"] += 1
    for row in individuals:
        await publish(session, IndividualErased(individual_id=row.id, organization_id=row.organization_id))
    return counts


async def _take_out(session: AsyncSession, individuals: list[UUID]) -> int:
    held: dict[tuple[UUID, UUID, str], list[UUID]] = defaultdict(list)
    for *place, individual_id in await session.execute(TAKE_OUT, {"individuals": individuals}):
        held[tuple(place)].append(individual_id)
    for (organization_id, group_id, kind), gone in sorted(held.items()):
        await count(session, group_id, -len(gone))
        if kind not in KEPT:  # who comes to those is not in the record, either
            await record(session, organization_id, group_id, "individual", None, removed=gone)
        await people_changed(session, group_id, organization_id, "individual", removed=gone)
    return sum(map(len, held.values()))


async def remove_files(runtime: Runtime, session: AsyncSession, person: Person) -> dict[str, int]:
    """Remove exports of the person's organizations: they may show the person. Unavailable while one is being made."""
    found = (await session.execute(EXPORTS, {"organization_ids": person.organization_ids})).all()
    if any(row.phase == "running" for row in found):
        raise Unavailable("An export of the organization is being made.")
    for row in found:
        await exports.remove(session, runtime, row.id)
    return {"exports": len(found)} if found else {}


PLAN = Plan(
    first=leave,
    further=remove_files,
    erased=(
        Gone("group_individuals", f"individual_id IN (SELECT id FROM individuals WHERE {OWN})"),  # noqa: S608
        Gone("group_staff", "user_id = :user_id"),
        Gone("memberships", "user_id = :user_id"),
        Blanked("memberships", "individual_id = ANY (:individual_ids)", {"individual_id": "NULL"}),
        Gone("organization_code_users", "user_id = :user_id"),
        Gone("individual_owners", "owner_type = 'user' AND owner_id = :user_id"),
        Gone("user_features", "user_id = :user_id"),
        Gone("feature_changes", "user_id = :user_id"),
        Gone("aggregation_entries", f"individual_id IN (SELECT id FROM individuals WHERE {OWN})"),  # noqa: S608
        Gone("individual_aggregates", f"individual_id IN (SELECT id FROM individuals WHERE {OWN})"),  # noqa: S608
        Gone("individual_owners", f"individual_id IN (SELECT id FROM individuals WHERE {OWN})"),  # noqa: S608
        Gone("individuals", OWN),
        Gone("people", "user_id = :user_id"),
    ),
    kept={
        "aggregation_requests": "who asked is an id",
        "features": "who made one is an id",
        "exports": "how many rows the files have; the files themselves are removed",
        "group_logs": "who was added to a group or removed, when and by whom: ids only",
        "import_pieces": "pieces of files under way; they go when the import has ended",
        "imports": "how far one is; problems name lines and columns, not what stood there",
        "individual_groups": "names of groups; who made one is an id",
        "logo_uploads": "who asked is an id; pictures of organizations",
        "organization_codes": "who made one is an id",
        "organization_themes": "the support address of an organization; who made or changed one is an id",
        "organizations": "names of organizations; who made one is an id",
        "tasks": "who asked is an id",
    },
)
