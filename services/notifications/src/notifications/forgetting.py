"""Removing what is no longer kept, a few rows a transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis.runtime import Runtime
from kernel import now
from sqlalchemy import text

AT_ONCE = 5000
DELIVERIES_KEPT = timedelta(days=90)
IN_APP_KEPT, READ_KEPT = timedelta(days=365), timedelta(days=90)
SHORT_ADDRESSES_KEPT = timedelta(days=30)

GO = "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {which} LIMIT :most FOR UPDATE SKIP LOCKED)"
OLD = {
    # ids are made of the time, so the oldest stand together and nothing has to be searched; reports of providers come
    # within days, and the log of mails has rows of its own
    ("deliveries", "id < CAST(:born AS uuid) AND settled_at < :before"): DELIVERIES_KEPT,
    ("in_app_messages", "id < CAST(:born AS uuid)"): IN_APP_KEPT,
    ("in_app_messages", "id < CAST(:born AS uuid) AND read_at < :before"): READ_KEPT,
    ("url_shorteners", "expires_at < :before"): SHORT_ADDRESSES_KEPT,
}
"""What goes, by table and condition, after how long. Whoever comes second skips what the first one removes."""


async def forget(runtime: Runtime) -> None:
    """Remove what has been kept for long enough."""
    for (table, which), kept in OLD.items():
        before = now() - kept
        values = {"most": AT_ONCE, "born": _first_id(before), "before": before}
        named = {name: value for name, value in values.items() if f":{name}" in GO + which}
        statement = text(GO.format(table=table, which=which))
        removed = AT_ONCE
        while removed == AT_ONCE:
            async with runtime.sessions.begin() as session:
                result = await session.execute(statement, named)
                removed = result.rowcount  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]


def _first_id(moment: datetime) -> UUID:
    """The smallest identifier that was made at a time or later (RFC 9562, version 7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
