"""The auditor: joins outboxes, streams and inboxes of all services and says what is missing, doubled or out of order.

Of a service that keeps an audit trail it says, too, whether acts are missing there. It only reads. `audit` looks again
until nothing is left or `settle` seconds are over, because what is on its way while it reads is no fault.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from time import monotonic

import msgspec
from kernel import now
from nats.aio.client import Client

from messaging.connection import connect
from messaging.evidence import Aggregate, Books, Durable, OnStream, StreamBooks, read_books, read_stream

GRACE = timedelta(seconds=10)
MARGIN = timedelta(hours=1)
AGAIN_SECONDS = 0.5
SHOWN = 1000
"""At most so many findings of one kind and service are listed; `counts` has them all."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong, or worth a note. `service` is where to look."""

    kind: str
    service: str
    what: str
    detail: str = ""


class Lag(msgspec.Struct, frozen=True):
    """How far a service is behind a context's stream, in messages."""

    service: str
    context: str
    pending: int
    unanswered: int


class Report(msgspec.Struct, frozen=True):
    """What the auditor saw. `ok` means: no faults and no lag. `counts` is {kind: how many}."""

    ok: bool
    faults: list[Finding]
    notes: list[Finding]
    lag: list[Lag]
    counts: dict[str, int]
    seconds: float

    def rows(self) -> list[tuple[str, str, str, str]]:
        """For a table: (fault|note|lag, service, kind, what), faults first."""
        found = [("fault", one.service, one.kind, f"{one.what} {one.detail}".strip()) for one in self.faults]
        found += [
            ("lag", one.service, one.context, f"{one.pending} to read, {one.unanswered} in hand") for one in self.lag
        ]
        return found + [("note", one.service, one.kind, f"{one.what} {one.detail}".strip()) for one in self.notes]


async def audit(
    databases: Mapping[str, str],
    nats_url: str,
    nats_user: str = "",
    nats_password: str = "",
    *,
    settle: float = 10.0,
) -> Report:
    """Audit the services of `databases` ({service: database address}); each publishes the context of its name.

    `settle` is how many seconds findings may take to go away by themselves. Raises what asyncpg and nats-py raise
    where a server does not answer.
    """
    started = monotonic()
    client = await asyncio.wait_for(connect(nats_url, nats_user, nats_password, "audit"), 10)
    try:
        while True:
            report = await _look(databases, client, started)
            if report.ok or monotonic() - started > settle:
                return report
            await asyncio.sleep(AGAIN_SECONDS)
    finally:
        await client.close()


async def _look(databases: Mapping[str, str], client: Client, started: float) -> Report:
    """One pass. Effects are read before outboxes, and those before streams, so that nothing seems to lack a cause."""
    early = {service: await read_books(url) for service, url in databases.items()}
    books = {service: await read_books(url) for service, url in databases.items()}
    streams = {service: await read_stream(client, service, databases) for service in databases}
    late = {service: await read_books(url) for service, url in databases.items()}
    faults: list[Finding] = []
    notes: list[Finding] = []
    for service in databases:
        faults += _outbox(service, books[service])
        faults += _published(service, books[service], streams[service])
        notes += _order(service, streams[service])
        notes += _repeated(service, streams[service])
        faults += _effects(service, early[service], books)
        faults += _parked(service, late[service])
        faults += _late(service, late[service])
        faults += _trail(service, late[service])
        notes += _given_up(service, late[service])
        for durable in streams[service].durables:
            faults += _unapplied(service, durable, streams[service], late[durable.service])
    lag = [*_lag(streams), *_behind(streams, late)]
    counts = Counter(one.kind for one in (*faults, *notes))
    counts["events"] = sum(len(one.outbox) for one in books.values())
    counts["effects"] = sum(len(one.inbox) for one in late.values())
    counts["acts"] = sum(one.acts for one in late.values())
    return Report(not faults and not lag, _some(faults), _some(notes), lag, dict(counts), monotonic() - started)


def _lag(streams: Mapping[str, StreamBooks]) -> Iterable[Lag]:
    for context, stream in streams.items():
        for durable in stream.durables:
            if durable.pending or durable.unanswered:
                yield Lag(durable.service, context, durable.pending, durable.unanswered)


def _behind(streams: Mapping[str, StreamBooks], all_books: Mapping[str, Books]) -> Iterable[Lag]:
    """Services that count sequences themselves."""
    for service, books in all_books.items():
        for context, position in books.positions.items():
            if context in streams and position < streams[context].last:
                yield Lag(service, context, streams[context].last - position, 0)


def _some(findings: list[Finding]) -> list[Finding]:
    seen: Counter[tuple[str, str]] = Counter()
    kept: list[Finding] = []
    for one in findings:
        seen[one.kind, one.service] += 1
        if seen[one.kind, one.service] <= SHOWN:
            kept.append(one)
    return kept


def _outbox(service: str, books: Books) -> Iterable[Finding]:
    """Rows that wait for the relay too long, and versions that are missing or twice there."""
    limit = now() - GRACE
    for row in books.outbox:
        if row.published_at is None and row.created_at < limit:
            yield Finding("unpublished", service, str(row.event_id), f"since {row.created_at}")
    versions = _by_aggregate((row.aggregate, row.version) for row in books.outbox)
    for aggregate, found in versions.items():
        yield from _contiguous("outbox-gap", service, aggregate, sorted(found))
        if max(found) != books.versions.get(aggregate):
            known = books.versions.get(aggregate)
            yield Finding("outbox-gap", service, _name(aggregate), f"version {known} is not the last: {max(found)}")


def _published(service: str, books: Books, stream: StreamBooks) -> Iterable[Finding]:
    """Published rows that are not on the stream, and messages that no outbox row explains."""
    since = _since(stream)
    on_stream = {message.event_id for message in stream.messages}
    for row in books.outbox:
        if row.published_at is not None and row.created_at > since and row.event_id not in on_stream:
            yield Finding("lost", service, str(row.event_id), f"{_name(row.aggregate)} version {row.version}")
    known = {row.event_id for row in books.outbox}
    oldest = min((row.created_at for row in books.outbox), default=None)
    for message in stream.messages:
        if message.event_id not in known and (oldest is None or message.time > oldest):
            yield Finding("stranger", service, f"sequence {message.sequence}", message.subject)


def _order(service: str, stream: StreamBooks) -> Iterable[Finding]:
    """Versions that first appear after a later one: readers put them in order, but the relay does not do that."""
    last: dict[Aggregate, int] = {}
    seen: set[object] = set()
    for message in stream.messages:
        if message.event_id in seen or not message.aggregate[0]:
            continue
        seen.add(message.event_id)
        before = last.get(message.aggregate)
        if before is not None and message.version != before + 1:
            detail = f"version {message.version} after {before} at sequence {message.sequence}"
            yield Finding("order", service, _name(message.aggregate), detail)
        last[message.aggregate] = max(message.version, before or 0)


def _repeated(service: str, stream: StreamBooks) -> Iterable[Finding]:
    """Events that are on the stream more than once: published again, or after the server's window of duplicates."""
    counts = Counter(message.event_id for message in stream.messages)
    for event_id, count in counts.items():
        if count > 1 and event_id is not None:
            yield Finding("repeated", service, str(event_id), f"{count} times on the stream")


def _effects(service: str, books: Books, all_books: Mapping[str, Books]) -> Iterable[Finding]:
    """Effects without a cause, twice, or not in a row."""
    known = {row.event_id for one in all_books.values() for row in one.outbox}
    oldest = {name: min((row.created_at for row in one.outbox), default=None) for name, one in all_books.items()}
    for row in books.inbox:
        context = row.aggregate[0].partition(".")[0]
        if row.event_id not in known and oldest.get(context) is not None:
            yield Finding("unexplained", service, str(row.event_id), f"{_name(row.aggregate)} version {row.version}")
    versions = _by_aggregate((row.aggregate, row.version) for row in books.inbox)
    for aggregate, found in versions.items():
        for version, count in Counter(found).items():
            if count > 1:
                yield Finding("doubled", service, _name(aggregate), f"version {version} was applied {count} times")
        yield from _contiguous("effect-gap", service, aggregate, sorted(set(found)))
        if max(found) != books.applied.get(aggregate):
            stands = books.applied.get(aggregate)
            yield Finding("effect-gap", service, _name(aggregate), f"stands at {stands}, last effect {max(found)}")


def _unapplied(context: str, durable: Durable, stream: StreamBooks, books: Books) -> Iterable[Finding]:
    """Messages that the reader should have applied and has not."""
    wanted = _matcher(durable.filters)
    done = {row.event_id for row in books.inbox} | {row.event_id for row in books.parked}
    for message in stream.messages:
        if not wanted(message) or message.event_id in done:
            continue
        if message.version > books.applied.get(message.aggregate, 0):
            detail = f"{_name(message.aggregate)} version {message.version} of {context}"
            yield Finding("unapplied", durable.service, str(message.event_id), detail)


def _parked(service: str, books: Books) -> Iterable[Finding]:
    for row in books.parked:
        detail = f"{row.reason}: {_name(row.aggregate)} version {row.version} {row.error[:200]}"
        yield Finding("parked", service, str(row.event_id), detail.strip())
    for context, sequence, problem in books.quarantined:
        yield Finding("parked", service, f"sequence {sequence} of {context}", problem[:200])


def _late(service: str, books: Books) -> Iterable[Finding]:
    """Work over several services that should have ended."""
    for saga in books.sagas:
        if saga.late:
            yield Finding("saga-late", service, f"{saga.kind} {saga.id}", f"{saga.status} since {saga.started_at}")


def _trail(service: str, books: Books) -> Iterable[Finding]:
    """Acts that somebody took out of the audit trail, or put into it."""
    for one in books.breaks:
        missing = f"acts {one.before + 1} to {one.number - 1} are missing"
        detail = missing if one.number > one.before else f"act {one.number} is there twice"
        yield Finding("trail-gap", service, f"organization {one.line}", detail)


def _given_up(service: str, books: Books) -> Iterable[Finding]:
    for saga in books.sagas:
        if saga.status == "failed":
            yield Finding("saga-failed", service, f"{saga.kind} {saga.id}", f"begun {saga.started_at}")


def _matcher(filters: list[str]) -> Callable[[OnStream], bool]:
    """Whether a subject is below one of the filters, which end in `.>`."""
    starts = tuple(one.removesuffix(">") for one in filters)
    return lambda message: message.subject.startswith(starts)


def _since(stream: StreamBooks) -> datetime:
    """Older messages may have left the stream already."""
    age = timedelta(seconds=stream.max_age) if stream.max_age else timedelta(days=36500)
    return now() - age + min(MARGIN, age / 10)


def _by_aggregate(pairs: Iterable[tuple[Aggregate, int]]) -> dict[Aggregate, list[int]]:
    found: dict[Aggregate, list[int]] = {}
    for aggregate, version in pairs:
        found.setdefault(aggregate, []).append(version)
    return found


def _contiguous(kind: str, service: str, aggregate: Aggregate, versions: list[int]) -> Iterable[Finding]:
    for before, after in pairwise(versions):
        if after != before + 1:
            yield Finding(kind, service, _name(aggregate), f"version {after} after {before}")


def _name(aggregate: Aggregate) -> str:
    return f"{aggregate[0]} {aggregate[1]}"
