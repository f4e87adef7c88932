"""The audit trail as a file, streamed a batch at a time."""

import csv
import io
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.audit_events.models import AuditEvent
from identity.audit_events.queries import attributes, chosen
from identity.audit_events.schemas import AuditEventAttributes, ExportQuery
from identity.throttling.budgets import EXPORT_PERSON
from identity.throttling.commands import demand

BATCH = 1000
COLUMNS = ("id", *AuditEventAttributes.__struct_encode_fields__)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def export(
    runtime: Runtime, session: AsyncSession, principal: Principal, asked: ExportQuery
) -> AsyncGenerator[bytes]:
    """The file's pieces. Who takes a copy is itself noted. Raises Forbidden, NotFound or TooManyRequests."""
    await demand(runtime, (EXPORT_PERSON, principal.subject))
    statement = await chosen(session, principal, asked)
    async with runtime.sessions.begin() as noted:
        where, form = asked.organization_id, asked.format
        record(noted, principal, "audit-events-exported", None, organization_id=where, format=form)
    return _pieces(runtime, statement, asked.format)


async def _pieces(runtime: Runtime, statement: Select[Any], form: str) -> AsyncGenerator[bytes]:
    """Batches after the last row that was sent, so a long file holds no transaction open."""
    if form == "csv":
        yield _csv([COLUMNS])
    last: AuditEvent | None = None
    while True:
        batch = statement.order_by(AuditEvent.at, AuditEvent.id).limit(BATCH)
        if last is not None:
            batch = batch.where(tuple_(AuditEvent.at, AuditEvent.id) > tuple_(last.at, last.id))
        async with runtime.reads() as session:
            rows = list(await session.scalars(batch))
        if rows:
            yield _csv([_cells(row) for row in rows]) if form == "csv" else b"".join(map(_line, rows))
        if len(rows) < BATCH:
            return
        last = rows[-1]


def _line(row: AuditEvent) -> bytes:
    return msgspec.json.encode({"id": row.id} | msgspec.to_builtins(attributes(row))) + b"\n"


def _cells(row: AuditEvent) -> list[str]:
    shown = {"id": str(row.id)} | msgspec.to_builtins(attributes(row))
    return [_cell(shown[name]) for name in COLUMNS]


def _cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    if isinstance(value, dict):
        value = msgspec.json.encode(value, order="sorted").decode()
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv(rows: list[Any]) -> bytes:
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode()
