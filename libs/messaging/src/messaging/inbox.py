"""Applying one event once and in its aggregate's order: inbox row, version and effect in one transaction."""

from enum import StrEnum

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from messaging.incoming import Consumers, Incoming

TAKE = text("""
WITH place AS (
    INSERT INTO inbox_aggregates AS known (consumer, aggregate_type, aggregate_id, version)
    VALUES (:consumer, :aggregate_type, :aggregate_id, 0)
    ON CONFLICT (consumer, aggregate_type, aggregate_id) DO UPDATE SET version = known.version
    RETURNING version, state
), taken AS (
    INSERT INTO inbox
        (consumer, event_id, event_type, aggregate_type, aggregate_id, aggregate_version, stream, sequence)
    SELECT CAST(:consumer AS text), CAST(:event_id AS uuid), CAST(:event_type AS text), CAST(:aggregate_type AS text),
           CAST(:aggregate_id AS text), CAST(:version AS bigint), CAST(:stream AS text), CAST(:sequence AS bigint)
    FROM place WHERE place.version + 1 = CAST(:version AS bigint) AND (place.state <> 'parked' OR :retrying)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT place.version, place.state, EXISTS (SELECT FROM taken) AS taken FROM place
""")

ADVANCE = text("""
UPDATE inbox_aggregates SET version = :version
WHERE consumer = :consumer AND aggregate_type = :aggregate_type AND aggregate_id = :aggregate_id
""")

SET_STATE = text("""
INSERT INTO inbox_aggregates AS known (consumer, aggregate_type, aggregate_id, version, state)
VALUES (:consumer, :aggregate_type, :aggregate_id, 0, :state)
ON CONFLICT (consumer, aggregate_type, aggregate_id)
DO UPDATE SET state = CASE WHEN known.state = 'parked' THEN known.state ELSE excluded.state END
RETURNING version, state
""")

PARK = text("""
INSERT INTO parked_events AS known (consumer, event_id, aggregate_type, aggregate_id, aggregate_version, subject,
                                    stream, sequence, headers, envelope, reason, error, attempts)
VALUES (:consumer, :event_id, :aggregate_type, :aggregate_id, :version, :subject,
        :stream, :sequence, CAST(:headers AS json), :envelope, :reason, :error, :attempts)
ON CONFLICT (consumer, event_id)
DO UPDATE SET reason = excluded.reason, error = excluded.error, attempts = known.attempts + excluded.attempts
""")

REOPEN = text("""
UPDATE inbox_aggregates SET state = 'open'
WHERE consumer = :consumer AND aggregate_type = :aggregate_type AND aggregate_id = :aggregate_id AND NOT EXISTS (
    SELECT FROM parked_events p WHERE p.consumer = :consumer AND p.aggregate_type = :aggregate_type
    AND p.aggregate_id = :aggregate_id)
""")


class Outcome(StrEnum):
    """What became of a message. All but `gap` are final: the message is acknowledged."""

    APPLIED = "applied"
    PASSED = "passed"
    DUPLICATE = "duplicate"
    GAP = "gap"
    PARKED = "parked"


class Reason(StrEnum):
    """Why an event is parked. `gap` and `behind` resolve themselves once the earlier ones are applied."""

    FAILED = "failed"
    UNDECODABLE = "undecodable"
    GAP = "gap"
    BEHIND = "behind"
    EXPIRED = "expired"


async def apply(
    session: AsyncSession, consumer: str, incoming: Incoming, table: Consumers, *, retrying: bool = False
) -> tuple[Outcome, str]:
    """Apply an event in the session's transaction; the aggregate is locked until it ends.

    Returns what became of it and the aggregate's state before (open, waiting or parked). An event of a type without a
    handler only advances the version. `retrying` applies to a parked aggregate. Raises what the handler raises.
    """
    values = {
        "consumer": consumer,
        "event_id": incoming.event_id,
        "event_type": incoming.envelope.key if incoming.envelope else "",
        "aggregate_type": incoming.aggregate_type,
        "aggregate_id": incoming.aggregate_id,
        "version": incoming.version,
        "stream": incoming.stream,
        "sequence": incoming.sequence,
        "retrying": retrying,
    }
    row = (await session.execute(TAKE, values)).one()
    if row.version >= incoming.version:
        return Outcome.DUPLICATE, row.state
    if row.state == "parked" and not retrying:
        await _insert_parked(session, consumer, incoming, Reason.BEHIND, "", 0)
        return Outcome.PARKED, row.state
    if not row.taken:
        if row.version + 1 == incoming.version:
            raise ValueError(f"event {incoming.event_id} was seen before with another version")
        return Outcome.GAP, row.state
    handler = table.get(type(incoming.event)) if incoming.event is not None else None
    if handler is not None:
        await handler(session, incoming.event, incoming.meta)
    place = {name: values[name] for name in ("consumer", "aggregate_type", "aggregate_id", "version")}
    await session.execute(ADVANCE, place)
    return Outcome.APPLIED if handler is not None else Outcome.PASSED, row.state


async def park(
    session: AsyncSession, consumer: str, incoming: Incoming, reason: Reason, error: str, attempts: int
) -> Outcome:
    """Put an event aside together with its aggregate, so that later ones of the aggregate follow it there.

    An event that waits for an earlier one (`gap`) leaves the aggregate open for that one. A message that names no
    aggregate is put aside alone. Returns `parked`, `duplicate` where it turned out to be applied, or `gap` where the
    earlier one has arrived meanwhile.
    """
    if incoming.aggregate_id:
        state = "waiting" if reason is Reason.GAP else "parked"
        values = {
            "consumer": consumer,
            "aggregate_type": incoming.aggregate_type,
            "aggregate_id": incoming.aggregate_id,
            "state": state,
        }
        row = (await session.execute(SET_STATE, values)).one()
        if row.version >= incoming.version:
            await reopen(session, consumer, incoming.aggregate)
            return Outcome.DUPLICATE
        if reason is Reason.GAP and row.version + 1 == incoming.version:
            await reopen(session, consumer, incoming.aggregate)
            return Outcome.GAP
    await _insert_parked(session, consumer, incoming, reason, error, attempts)
    return Outcome.PARKED


async def reopen(session: AsyncSession, consumer: str, aggregate: tuple[str, str]) -> None:
    """Take back an aggregate's mark unless events of it are put aside."""
    values = {"consumer": consumer, "aggregate_type": aggregate[0], "aggregate_id": aggregate[1]}
    await session.execute(REOPEN, values)


async def _insert_parked(
    session: AsyncSession, consumer: str, incoming: Incoming, reason: Reason, error: str, attempts: int
) -> None:
    values = {
        "consumer": consumer,
        "event_id": incoming.event_id,
        "aggregate_type": incoming.aggregate_type,
        "aggregate_id": incoming.aggregate_id,
        "version": incoming.version,
        "subject": incoming.subject,
        "stream": incoming.stream,
        "sequence": incoming.sequence,
        "headers": msgspec.json.encode(dict(incoming.headers)).decode(),
        "envelope": incoming.data,
        "reason": reason.value,
        "error": error[:4000],
        "attempts": attempts,
    }
    await session.execute(PARK, values)
