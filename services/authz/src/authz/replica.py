"""The index of one process: loaded from the database, kept up to date from the streams, and how fresh it is.

Every process follows the streams for itself. A batch is applied between two ticks of the event loop, so no answer sees
half of it.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog
from contracts.event import Event
from kernel import Conflict, Invalid, now
from messaging import Entry
from prometheus_client import Gauge, Histogram

from authz.base_facts.load import Snapshot
from authz.changes import (
    AGGREGATES,
    CONTEXTS,
    Change,
    GrantGone,
    GrantIs,
    GroupGone,
    GroupIs,
    IndividualIs,
    OrganizationIs,
    Person,
    RoleGone,
    RoleIs,
    RoleUser,
    Staff,
    UserIs,
    changes_of,
    concerned,
)
from authz.index.facts import Facts
from authz.index.order import Early, take
from authz.index.people import organizations_of

WAIT_SECONDS = 0.25
FORM = re.compile("-".join(["([0-9a-f]{1,16})"] * len(CONTEXTS)))
LATEST = "latest"

log = structlog.get_logger("authz.replica")
applied_sequence = Gauge("authz_index_applied_seq", "Last stream sequence in this process's index", ["context"])
apply_delay = Histogram(
    "authz_index_apply_delay_seconds",
    "From an event's commit to its effect in this process's index",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
stream_delay = Histogram(
    "authz_index_stream_delay_seconds",
    "From an event's arrival on the stream to its effect in this process's index",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.5, 5),
)

Latest = Callable[[], Awaitable[dict[str, int]]]
"""Asks the streams for their last sequences, by context."""
Listener = Callable[[str, Entry], None]
"""Is told of each entry of a context's stream once it is in the index."""


class Replica:
    """One process's index and its place in the streams."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Begins where the snapshot stands. `latest` is set by whoever follows the streams."""
        self.facts = snapshot.facts
        self.positions = snapshot.positions
        self.populated_at = now()
        self.caught_up = False
        self.latest: Latest | None = None
        self.listeners: set[Listener] = set()
        self._early = snapshot.early
        self._changed = asyncio.Event()
        self.revision = self._written()

    def take_in(self, context: str, entries: list[Entry]) -> None:
        """Apply a batch of a stream. What cannot be read is passed over; the applier keeps a record of it."""
        present = time.time()
        for entry in entries:
            envelope = entry.envelope
            kind = AGGREGATES.get(envelope.aggregate_type, "") if envelope else ""
            if envelope is not None and kind in self.facts.kinds:  # roles that follow from others come as their own
                moment = envelope.time.timestamp()
                apply_delay.observe(max(0.0, present - moment))
                self.apply(kind, envelope.aggregateid, envelope.aggregateversion, entry.event, moment)
            for listener in self.listeners:
                listener(context, entry)
        self.reached(context, entries[-1].sequence)
        visible = time.time()
        for entry in entries:
            stream_delay.observe(max(0.0, visible - entry.stored_at))

    def reached(self, context: str, sequence: int) -> None:
        """Everything of a stream up to `sequence` is in the index."""
        self.positions[context] = sequence
        applied_sequence.labels(context).set(sequence)
        self.populated_at = now()
        self.revision = self._written()
        self._changed.set()
        self._changed = asyncio.Event()

    def apply(self, kind: str, aggregate: str, version: int, event: Event | None, moment: float = 0.0) -> None:
        """Apply one event of an aggregate, once and as if in order. `moment` is when it happened, in epoch seconds."""
        table = self.facts.kinds[kind]
        number = table.number(aggregate)
        early: Early = self._early.get((kind, aggregate), {})
        known, due = take(table.version[number], early, version, event)
        table.version[number] = known
        if early:
            self._early[(kind, aggregate)] = early
        else:
            self._early.pop((kind, aggregate), None)
        for one in due:
            changes = changes_of(one)
            for change in changes:
                _set(self.facts, change)
            self._concern(changes, one.tenant_id, moment)

    def _concern(self, changes: list[Change], place: UUID | None, moment: float) -> None:
        users, places = concerned(changes, place)
        for table, ids in ((self.facts.users, users), (self.facts.organizations, places)):
            for identifier in ids:
                number = table.number(str(identifier))
                table.event_at[number] = max(table.event_at[number], moment)

    def latest_event_at(self, user: str) -> datetime | None:
        """When something last changed what the user may do, in their own facts or in their organizations' forests."""
        number = self.facts.users.find(user)
        if number < 0:
            return None
        places = organizations_of(self.facts, number)
        times = [self.facts.users.event_at[number], *(self.facts.organizations.event_at[place] for place in places)]
        return datetime.fromtimestamp(max(times), UTC) if max(times) else None

    async def up_to_date(self) -> bool:
        """Whether this index holds every event that is on the streams now; no, where they do not answer."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                wanted = await self.latest() if self.latest else None
        except (TimeoutError, OSError):
            return False
        return wanted is not None and self._reached(wanted)

    async def at_least(self, revision: str) -> None:
        """Wait until the index holds `revision`, or all that is on the streams now for `latest`.

        Raises Invalid for what is no revision and Conflict when it is not reached within 250 ms.
        """
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                wanted = await self._wanted(revision)
                while not self._reached(wanted):
                    await self._changed.wait()
        except (TimeoutError, OSError):
            raise Conflict(
                "The index has not come so far yet; try again.",
                code="not-fresh-enough",
                parameter="x-authz-at-least",
                meta={"revision": self.revision},
            ) from None

    async def _wanted(self, revision: str) -> dict[str, int]:
        if revision == LATEST:
            if self.latest is None:
                raise TimeoutError
            return await self.latest()
        return read_revision(revision, "x-authz-at-least")

    def _reached(self, wanted: dict[str, int]) -> bool:
        return all(self.positions[context] >= sequence for context, sequence in wanted.items())

    def _written(self) -> str:
        return write_revision(self.positions)


def write_revision(positions: dict[str, int]) -> str:
    """How far one has come on each stream, as text."""
    return "-".join(f"{positions[context]:x}" for context in CONTEXTS)


def read_revision(revision: str, parameter: str) -> dict[str, int]:
    """Positions by context. Raises Invalid, naming the parameter or header."""
    parts = FORM.fullmatch(revision)
    if parts is None:
        raise Invalid("Give a revision that an answer held.", parameter=parameter)
    return {context: int(part, 16) for context, part in zip(CONTEXTS, parts.groups(), strict=True)}


def _set(facts: Facts, change: Change) -> None:
    values = [str(value) if isinstance(value, UUID) else value for value in change]
    SETTERS[type(change)](facts, *values)


def _set_organization(facts: Facts, organization: str, _name: str, _display_name: str) -> None:
    facts.set_organization(organization)


def _delete_grant(facts: Facts, grant: str, _kind: str, _subject: str) -> None:
    facts.delete_grant(grant)


SETTERS: dict[type[Change], Callable[..., None]] = {
    UserIs: Facts.set_user,
    OrganizationIs: _set_organization,
    Staff: Facts.set_staff,
    IndividualIs: Facts.set_individual,
    GroupIs: Facts.set_group,
    GroupGone: Facts.delete_group,
    Person: Facts.set_person,
    RoleIs: Facts.set_role,
    RoleUser: Facts.set_role_user,
    RoleGone: Facts.delete_role,
    GrantIs: Facts.set_grant,
    GrantGone: _delete_grant,
}
