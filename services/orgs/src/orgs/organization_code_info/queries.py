"""Reading what anybody may know of a sign-up code."""

from kernel import NotFound
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.organization_code_info.schemas import CodeInfoAttributes, PublicOrganization

READ = text("""
SELECT o.name, o.display_name, o.logo_url, c.enrollment_schema
FROM organization_codes c JOIN organizations o ON o.id = c.organization_id
WHERE c.code = :code AND o.is_active AND (c.expires_at IS NULL OR c.expires_at > now())
""")


async def read(session: AsyncSession, code: str) -> CodeInfoAttributes:
    """A code that can be used now. Raises NotFound for unknown and expired ones alike."""
    row = (await session.execute(READ, {"code": code})).first()
    if row is None:
        raise NotFound
    return CodeInfoAttributes(PublicOrganization(row.name, row.display_name, row.logo_url), row.enrollment_schema)
