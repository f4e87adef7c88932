"""Writing rows of groups."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from contracts.event import Event
from contracts.orgs import GroupCreated, GroupUpdated
from kernel import Conflict
from messaging import publish_many
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.imports.apply_people import Effect
from orgs.imports.keys import Meant, groups_of
from orgs.individual_groups.models import DEPTH, KEPT
from orgs.sheets.reading import Row

DEFAULTS: dict[str, Any] = {"node_type": "group", "type": "regular", "tags": [], "is_active": True}
CHANGEABLE = ("name", "node_type", "tags", "is_active")
MAKE = text("""
INSERT INTO individual_groups
    (id, organization_id, parent_id, path, name, node_type, type, tags, is_active, created_by)
SELECT id, :organization_id, parent_id, path, name, node_type, type, tags, is_active, :actor
FROM json_to_recordset(CAST(:rows AS json)) AS n(
    id uuid, parent_id uuid, path uuid[], name text, node_type text, type text, tags text[], is_active bool)
""")
CHANGE = text("""
UPDATE individual_groups g
SET name = n.name, node_type = n.node_type, is_active = n.is_active, updated_at = clock_timestamp(),
    tags = ARRAY(SELECT jsonb_array_elements_text(CAST(n.tags AS jsonb)))
FROM unnest(CAST(:ids AS uuid[]), CAST(:name AS text[]), CAST(:node_type AS text[]), CAST(:is_active AS bool[]),
            CAST(:tags AS text[])) AS n(id, name, node_type, is_active, tags)
WHERE g.id = n.id
""")
COUNT = text("""
UPDATE individual_groups g SET child_count = child_count + c.change, updated_at = clock_timestamp()
FROM unnest(CAST(:groups AS uuid[]), CAST(:changes AS int[])) AS c(id, change) WHERE g.id = c.id
""")


async def apply_groups(session: AsyncSession, actor: UUID | None, organization_id: UUID, rows: Sequence[Row]) -> Effect:
    """Make or change groups; parents stand before children. The transaction holds the forest alone.

    Raises Conflict where what the rows need has gone since they were checked.
    """
    keys = {row.values["key"] for row in rows}
    parents = {row.values["parent-key"] for row in rows if row.values.get("parent-key")}
    known = await groups_of(session, organization_id, keys | parents)
    paths: dict[UUID, list[UUID]] = {one.id: one.found.path for one in known.values() if one.found is not None}
    made: list[dict[str, Any]] = []
    changed: list[tuple[Any, dict[str, Any]]] = []
    children: Counter[UUID] = Counter()
    for row in rows:
        group = known[row.values["key"]].found
        if group is None:
            made.append(_new(row, known, paths))
            if made[-1]["parent_id"] and made[-1]["is_active"]:
                children[made[-1]["parent_id"]] += 1
        elif (wanted := _wanted(group, row)) is not None:
            changed.append((group, wanted))
            if group.parent_id and wanted["is_active"] != group.is_active:
                children[group.parent_id] += 1 if wanted["is_active"] else -1
    await _write(session, actor, organization_id, made, changed)
    counts = {group: children[group] for group in sorted(children) if children[group]}
    if counts:
        await session.execute(COUNT, {"groups": list(counts), "changes": list(counts.values())})
    return Effect(len(made), len(changed))


def _new(row: Row, known: dict[str, Meant], paths: dict[UUID, list[UUID]]) -> dict[str, Any]:
    values = {name.replace("-", "_"): value for name, value in row.values.items()}
    key, parent_key = values.pop("key"), values.pop("parent_key", None)
    identifier, parent = known[key].id, known[parent_key] if parent_key else None
    parent_id = parent.id if parent else None
    if parent is not None and (parent_id not in paths or _is_kept(parent.found)):
        raise Conflict("The group above has gone since the file was checked.", meta={"line": row.line})
    path = [*paths[parent_id], parent_id] if parent_id else []
    if len(path) >= DEPTH:
        raise Conflict(f"A tree has at most {DEPTH} levels.", meta={"line": row.line})
    paths[identifier] = path
    return {**DEFAULTS, **values, "id": identifier, "parent_id": parent_id, "path": path}


def _is_kept(group: Any) -> bool:
    return group is not None and group.type in KEPT


def _wanted(group: Any, row: Row) -> dict[str, Any] | None:
    """What a group is to be, or None if it is that already."""
    now = {name: getattr(group, name) for name in CHANGEABLE}
    wanted = {name: row.values.get(name.replace("_", "-"), value) for name, value in now.items()}
    return wanted if wanted != now else None


async def _write(
    session: AsyncSession,
    actor: UUID | None,
    organization_id: UUID,
    made: list[dict[str, Any]],
    changed: list[tuple[Any, dict[str, Any]]],
) -> None:
    events: list[Event] = []
    if made:
        values = {"rows": msgspec.json.encode(made).decode(), "organization_id": organization_id, "actor": actor}
        await session.execute(MAKE, values)
        told = ("parent_id", "name", "node_type", "type")
        events += [
            GroupCreated(group_id=one["id"], organization_id=organization_id, **{name: one[name] for name in told})
            for one in made
        ]
    if changed:
        lists = {name: [wanted[name] for _, wanted in changed] for name in CHANGEABLE}
        lists["tags"] = [msgspec.json.encode(tags).decode() for tags in lists["tags"]]
        await session.execute(CHANGE, {"ids": [group.id for group, _ in changed], **lists})
        told = ("name", "node_type", "is_active")
        events += [
            GroupUpdated(group_id=group.id, organization_id=organization_id, **{name: wanted[name] for name in told})
            for group, wanted in changed
        ]
    await publish_many(session, events)
