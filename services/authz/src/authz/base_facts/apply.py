"""Applying a batch of a stream: facts, the roles that follow from it, versions and position in one transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import structlog
from contracts.event import REGISTRY, Event, key
from contracts.orgs import (
    IndividualErased,
    IndividualRegistered,
    IndividualUpdated,
    OrganizationUserAdded,
    OrganizationUserRemoved,
)
from messaging import Cause, Entry, cause
from messaging.envelope import Envelope
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from authz.base_facts import consequences
from authz.base_facts.write import concern, write
from authz.changes import AGGREGATES, changes_of, concerned
from authz.index.order import Early, take
from authz.individual_attributes import commands as attributes

POSITION = text("""
INSERT INTO applied_positions (context, sequence) VALUES (:context, :sequence)
ON CONFLICT (context) DO UPDATE SET sequence = excluded.sequence, applied_at = now()
""")
LOCK = text("INSERT INTO applied_positions (context, sequence) VALUES (:context, 0) ON CONFLICT DO NOTHING")
LOCKED = text("SELECT sequence FROM applied_positions WHERE context = :context FOR UPDATE")
VERSIONS = text("""
SELECT kind, id, version, early FROM applied_aggregates
WHERE (id, kind) IN (SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:kind AS text[])))
""")
KEEP = text("""
INSERT INTO applied_aggregates (id, kind, version, early)
SELECT id, kind, version, CAST(early AS jsonb) FROM unnest(
    CAST(:id AS uuid[]), CAST(:kind AS text[]), CAST(:version AS bigint[]), CAST(:early AS text[])
) AS new (id, kind, version, early)
ON CONFLICT (id, kind) DO UPDATE SET version = excluded.version, early = excluded.early
""")

QUARANTINE = text("""
INSERT INTO quarantined_events (context, sequence, type, problem) VALUES (:context, :sequence, :type, :problem)
ON CONFLICT DO NOTHING
""")

OF_INDIVIDUALS = (IndividualRegistered, IndividualUpdated, IndividualErased)
Aggregate = tuple[UUID, str]

log = structlog.get_logger("authz.base_facts")


class Place(NamedTuple):
    """How far an aggregate has come."""

    version: int
    early: Early


async def apply(session: AsyncSession, context: str, entries: list[Entry]) -> None:
    """Apply a batch in the session's transaction. Two that apply the same context wait for each other."""
    await session.execute(LOCK, {"context": context})
    await session.execute(LOCKED, {"context": context})
    for entry in entries:
        if entry.problem is not None:
            await quarantine(session, context, entry, entry.problem)
    if context == "authz":
        await _note(session, [(entry.envelope, entry.event) for entry in entries if entry.envelope and entry.event])
    else:
        await _apply(session, entries)
    await session.execute(POSITION, {"context": context, "sequence": entries[-1].sequence})


async def _apply(session: AsyncSession, entries: list[Entry]) -> None:
    arrived = [
        (of, envelope, entry.event) for entry in entries if (envelope := entry.envelope) and (of := place(envelope))
    ]
    places = await _places(session, {of for of, _, _ in arrived})
    applied: list[tuple[Envelope, list[Event]]] = []
    following: list[tuple[Envelope, list[Event]]] = []
    for of, envelope, event in arrived:
        version, due = take(places[of].version, places[of].early, envelope.aggregateversion, event)
        places[of] = Place(version, places[of].early)
        applied.append((envelope, due))
        if due and due[0] is event:
            following.append((envelope, consequences.wanted(due)))
    await write(session, (change for _, due in applied for event in due for change in changes_of(event)))
    await _note(session, [(envelope, event) for envelope, due in applied for event in due])
    await _want_attributes(session, [event for _, _, event in arrived])
    for envelope, events in following:
        token = cause.set(Cause(str(envelope.id), envelope.correlationid))
        for event in events:
            await consequences.follow(session, event)
        cause.reset(token)
    await _keep(session, places)


async def quarantine(session: AsyncSession, context: str, entry: Entry, problem: str) -> None:
    """Put an event that cannot be applied on record and pass over it."""
    kind = entry.envelope.type if entry.envelope else entry.subject
    log.error("event quarantined", context=context, sequence=entry.sequence, type=kind, problem=problem)
    values = {"context": context, "sequence": entry.sequence, "type": kind, "problem": problem[:2000]}
    await session.execute(QUARANTINE, values)
    await session.execute(POSITION, {"context": context, "sequence": entry.sequence})


def place(envelope: Envelope) -> Aggregate | None:
    """The aggregate of an event, if facts are about it."""
    kind = AGGREGATES.get(envelope.aggregate_type)
    return (UUID(envelope.aggregateid), kind) if kind else None


async def _note(session: AsyncSession, events: Iterable[tuple[Envelope, Event]]) -> None:
    """Remember when something last concerned each user and each organization's forest."""
    users: dict[UUID, datetime] = {}
    organizations: dict[UUID, datetime] = {}
    for envelope, event in events:
        who, where = concerned(changes_of(event), event.tenant_id)
        for times, ids in ((users, who), (organizations, where)):
            times.update({one: max(envelope.time, times.get(one, envelope.time)) for one in ids})
    await concern(session, users, organizations)


async def _want_attributes(session: AsyncSession, events: list[Event | None]) -> None:
    """Attributes of these individuals are read again; whether somebody is staff changes with the membership."""
    changed = {event.individual_id for event in events if isinstance(event, OF_INDIVIDUALS)}
    moved = {event.user_id for event in events if isinstance(event, OrganizationUserAdded | OrganizationUserRemoved)}
    await attributes.want(session, changed, moved)


async def _places(session: AsyncSession, aggregates: set[Aggregate]) -> dict[Aggregate, Place]:
    found = {of: Place(0, {}) for of in aggregates}
    if aggregates:
        ids, kinds = zip(*aggregates, strict=True)
        for row in await session.execute(VERSIONS, {"id": list(ids), "kind": list(kinds)}):
            found[(row.id, row.kind)] = Place(row.version, read_early(row.early))
    return found


async def _keep(session: AsyncSession, places: dict[Aggregate, Place]) -> None:
    if places:
        ordered = sorted(places)
        values = {
            "id": [identifier for identifier, _ in ordered],
            "kind": [kind for _, kind in ordered],
            "version": [places[of].version for of in ordered],
            "early": [_early_text(places[of].early) for of in ordered],
        }
        await session.execute(KEEP, values)


def _early_text(early: Early) -> str | None:
    if not early:
        return None
    kept = {str(version): [key(type(event)), event] if event else None for version, event in early.items()}
    return msgspec.json.encode(kept).decode()


def read_early(kept: dict[str, Any] | None) -> Early:
    """The events that came before a missing one, as stored."""
    return {
        int(version): msgspec.convert(one[1], REGISTRY[one[0]]) if one else None
        for version, one in (kept or {}).items()
    }
