"""Reading what anybody may know of a sign-up code."""

from chassis.runtime import Runtime
from kernel import NotFound
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.organization_code_info.schemas import CodeInfoAttributes, PublicOrganization
from orgs.organizations.queries import logo_url

READ = text("""
SELECT o.id, o.name, o.display_name, o.logo_id, c.enrollment_schema
FROM organization_codes c JOIN organizations o ON o.id = c.organization_id
WHERE c.code = :code AND o.is_active AND (c.expires_at IS NULL OR c.expires_at > now())
""")


async def read(session: AsyncSession, runtime: Runtime, code: str) -> CodeInfoAttributes:
    """A code that can be used now. Raises NotFound for unknown and expired ones alike."""
    row = (await session.execute(READ, {"code": code})).first()
    if row is None:
        raise NotFound
    logo = logo_url(runtime, row.id, row.logo_id, "medium") if row.logo_id else None
    return CodeInfoAttributes(PublicOrganization(row.name, row.display_name, logo), row.enrollment_schema)
