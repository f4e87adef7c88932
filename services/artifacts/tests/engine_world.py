"""Cohorts with filters, persons and events, and the engine run to its end."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from artifacts.cohorts.calculations import engine, triggers
from artifacts.cohorts.calculations.commands import request
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.queries import members_at
from filter_meaning import Event, Person
from filter_worlds import happen, keep
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

MEMBERS = text("SELECT profile_id FROM cohort_members WHERE cohort_id = :cohort_id AND until IS NULL")
CHANGE = text("UPDATE persons SET properties = CAST(:properties AS jsonb) WHERE id = :id")


class Engine:
    """One organization with a running engine."""

    def __init__(self, runtime: Any, session: AsyncSession) -> None:
        self.runtime, self.session = runtime, session
        self.organization = uuid4()
        self.number = 0

    async def cohort(self, *leaves: dict[str, Any], kind: str = "AND", **columns: Any) -> Cohort:
        """A dynamic cohort whose calculation was asked for."""
        self.number += 1
        made = Cohort(organization_id=self.organization, number=self.number, is_static=False, **columns)
        made.filters = {"properties": {"type": kind, "values": list(leaves)}}
        self.session.add(made)
        await request(self.session, made)
        return made

    async def refilter(self, cohort: Cohort, *leaves: dict[str, Any], kind: str = "AND") -> None:
        """Other filters."""
        cohort.filters = {"properties": {"type": kind, "values": list(leaves)}}
        await request(self.session, cohort)

    async def person(self, *events: Event, **properties: Any) -> UUID:
        """Somebody new."""
        (key,) = await self.people(Person(properties, list(events)))
        return key

    async def people(self, *persons: Person) -> dict[UUID, Person]:
        known = await keep(self.session, self.organization, list(persons))
        await triggers.persons_changed(self.session, self.organization, dict.fromkeys(known, triggers.EVERYTHING))
        return known

    async def change(self, person_id: UUID, properties: dict[str, Any], *keys: str) -> None:
        """Other properties, of which `keys` are those that differ."""
        values = {"id": person_id, "properties": msgspec.json.encode(properties).decode()}
        await self.session.execute(CHANGE, values)
        await triggers.persons_changed(self.session, self.organization, {person_id: set(keys)})

    async def did(self, person_id: UUID, event: str, at: datetime, **properties: Any) -> None:
        await happen(self.session, self.organization, [(person_id, Event(event, at, properties))])
        await triggers.events_arrived(self.session, self.organization, [(person_id, event, at)])

    async def settle(self, at: datetime | None = None) -> None:
        await engine.settle(self.runtime, at)

    async def members_at(self, cohort: Cohort, at: datetime) -> set[UUID]:
        return set(await self.session.scalars(members_at(cohort.id, at)))

    async def members(self, cohort: Cohort) -> set[UUID]:
        return set(await self.session.scalars(MEMBERS, {"cohort_id": cohort.id}))

    async def reread(self, cohort: Cohort) -> Cohort:
        await self.session.refresh(cohort)
        return cohort


def person(key: str, value: Any = None, operator: str = "exact", *, negation: bool = False) -> dict[str, Any]:
    """A leaf on a property."""
    leaf = {"type": "person", "key": key, "operator": operator, "negation": negation}
    return leaf if value is None else leaf | {"value": value}


def within(cohort: Cohort, *, negation: bool = False) -> dict[str, Any]:
    """A leaf on another cohort."""
    return {"type": "cohort", "key": "id", "value": cohort.number, "negation": negation}


def did(event: str, days: int = 30, *, negation: bool = False, **fields: Any) -> dict[str, Any]:
    """A leaf on what was done."""
    leaf = {"type": "behavioral", "key": event, "event_type": "events", "value": "performed_event"}
    return leaf | {"time_value": days, "time_interval": "day", "negation": negation} | fields
