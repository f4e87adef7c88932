"""Profiles as a file: a row each."""

from uuid import UUID

from chassis.runtime import Runtime
from kernel import NotFound
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.profiles import activities, queries
from artifacts.profiles.activities import Entry
from artifacts.profiles.models import Profile
from artifacts.uploads import commands as uploads
from artifacts.uploads.commands import cell, moment
from artifacts.uploads.models import Upload

SCOPE = "person:read"
ROWS = f"""
SELECT p.id AS profile_id, p.number AS profile_number, {cell("p.name")} AS name,
       {cell("p.primary_email")} AS primary_email, {cell("listed.emails")} AS emails, p.role,
       CASE WHEN p.is_active AND p.is_in_use THEN 'yes' ELSE 'no' END AS active,
       CASE WHEN p.user_id IS NULL THEN 'no' ELSE 'yes' END AS has_login, {cell("listed.departments")} AS departments,
       p.requests_per_day, {moment("p.created_at")} AS created_at, {moment("p.updated_at")} AS updated_at
  FROM profiles p
 CROSS JOIN LATERAL (
    SELECT array_to_string(p.emails, '; ') AS emails,
           (SELECT string_agg(g.name, '; ' ORDER BY g.name) FROM groups g
             WHERE g.id = ANY(p.department_ids) AND g.organization_id = p.organization_id) AS departments
    OFFSET 0) listed
 WHERE p.organization_id = $1 AND p.removed_at IS NULL AND (CAST($2 AS uuid) IS NULL OR p.id = $2)
 ORDER BY p.name, p.id
"""  # noqa: S608 the text is ours


async def export(
    session: AsyncSession, runtime: Runtime, actor: Actor, profile_id: UUID | None, *, mcp: bool = False
) -> Upload:
    """Write one profile or all of them into a file. Raises NotFound, TooManyRequests, Unavailable."""
    if profile_id is not None:
        there = select(Profile.id).where(queries.visible(actor), Profile.id == profile_id)
        if (await session.execute(there)).first() is None:
            raise NotFound
    upload = await uploads.write_csv(
        session, runtime, actor, "profiles", ROWS, actor.organization_id, profile_id, scope=SCOPE
    )
    entry = Entry(profile_id, "exported", [activities.changed("rows", None, upload.row_count)])
    await activities.note(session, actor.organization_id, [entry], actor=actor, mcp=mcp)
    return upload
