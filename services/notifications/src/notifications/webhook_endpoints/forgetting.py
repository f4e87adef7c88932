"""Removing what is no longer kept of webhooks, a few rows a transaction."""

from chassis.runtime import Runtime
from sqlalchemy import text

AT_ONCE = 5000

OLD = text("""
DELETE FROM webhook_deliveries WHERE id IN (
    SELECT id FROM webhook_deliveries WHERE created_at < now() - interval '30 days' LIMIT :most)
""")
OF_DELETED = text("""
DELETE FROM webhook_deliveries WHERE id IN (
    SELECT d.id FROM webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id
     WHERE e.deleted_at IS NOT NULL LIMIT :most)
""")
DELETED = text("""
DELETE FROM webhook_endpoints e
 WHERE deleted_at IS NOT NULL AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = e.id)
""")


async def forget(runtime: Runtime) -> None:
    """Remove deliveries after 30 days, and those of deleted endpoints; then these endpoints themselves."""
    for statement in (OLD, OF_DELETED):
        removed = AT_ONCE
        while removed == AT_ONCE:
            async with runtime.sessions.begin() as session:
                result = await session.execute(statement, {"most": AT_ONCE})
                removed = result.rowcount  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
    async with runtime.sessions.begin() as session:
        await session.execute(DELETED)
