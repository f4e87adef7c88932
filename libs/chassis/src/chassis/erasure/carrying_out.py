"""Carrying a plan out: in one transaction, with what is exported first."""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.erasure.plans import COMMON, Counts, Gone, Person, Plan, Rule, values

SECRETS = "ARRAY['password_hash', 'mark', 'hash', 'previous', 'salt', 'sealed', 'secret', 'details']"
"""Columns that no copy holds."""

Export = dict[str, list[dict[str, Any]]]
"""Rows by table, as JSON."""


async def carry_out(session: AsyncSession, plan: Plan, person: Person) -> Counts:
    """Erase a person by a plan, and say how many rows of which table that touched. A second time touches none."""
    counts: Counts = dict(await plan.first(session, person)) if plan.first else {}
    given = values(person)
    for rule in (*plan.erased, *COMMON):
        result: Any = await session.execute(text(_statement(rule)), given)
        counts[rule.table] = counts.get(rule.table, 0) + result.rowcount
    return {table: count for table, count in counts.items() if count}


def together(one: Counts, other: Counts) -> Counts:
    """The sums of two counts."""
    return {table: one.get(table, 0) + other.get(table, 0) for table in {*one, *other}}


async def export(session: AsyncSession, plan: Plan, person: Person) -> Export:
    """What the plan is about to erase, row by row and without secrets; bytes are hexadecimal."""
    found: Export = {}
    given = values(person)
    for rule in plan.erased:
        statement = f"SELECT to_jsonb(t) - {SECRETS} FROM {rule.table} AS t WHERE {rule.where}"  # noqa: S608 the plan is ours
        rows = (await session.execute(text(statement), given)).scalars()
        found.setdefault(rule.table, []).extend(rows)
    return {table: rows for table, rows in found.items() if rows}


def parts(exported: Export, longest: int) -> Iterator[bytes]:
    """An export as JSON documents of at most `longest` bytes, or of one row that is longer."""
    part: Export = {}
    size = 0
    for table, rows in exported.items():
        for row in rows:
            weight = len(msgspec.json.encode(row)) + len(table)
            if part and size + weight > longest:
                yield msgspec.json.encode(part)
                part, size = {}, 0
            part.setdefault(table, []).append(row)
            size += weight
    if part:
        yield msgspec.json.encode(part)


def _statement(rule: Rule) -> str:
    """The SQL of a rule. A blanked row is touched only where there is something to blank."""
    if isinstance(rule, Gone):
        return f"DELETE FROM {rule.table} WHERE {rule.where}"  # noqa: S608 the plan is ours
    changes = ", ".join(f"{column} = {value}" for column, value in rule.columns.items())
    stale = " OR ".join(f"{column} IS DISTINCT FROM {value}" for column, value in rule.columns.items())
    return f"UPDATE {rule.table} SET {changes} WHERE ({rule.where}) AND ({stale})"  # noqa: S608 the plan is ours
