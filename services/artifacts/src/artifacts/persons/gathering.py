"""Whom a batch of events is about: names are looked up once, and what happens to persons is worked out in memory.

Persons are looked up, made, named and merged in the order of the events. What has to be written is then in `made`,
`named`, `merged` and `steps`.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from artifacts.events.captured import Captured
from artifacts.persons.identifiers import captured_id
from artifacts.persons.properties import OWN

MOST_PROPERTIES = 1000
LARGEST_PROPERTIES = 512 * 1024
"""Bytes of a person's properties as JSON."""


class Known(msgspec.Struct, kw_only=True):
    """A person, as far as events need to know."""

    id: UUID
    is_identified: bool = False
    has_profile: bool = False
    is_seen: bool = False


class Step(msgspec.Struct, frozen=True):
    """A change of properties: an event's, or all that another person has."""

    person_id: UUID
    event: Captured | None = None
    source_id: UUID | None = None


class People:
    """The persons of a batch."""

    def __init__(self, organization_id: UUID, names: Mapping[str, Known]) -> None:
        """`names` are the distinct ids that are known."""
        self.organization_id = organization_id
        self._names = {name: known.id for name, known in names.items()}
        self.persons = {known.id: known for known in names.values()}
        self.made: dict[UUID, Known] = {}
        self.named: dict[str, UUID] = {}
        self.merged: dict[UUID, UUID] = {}
        self.identified: set[UUID] = set()
        self.steps: list[Step] = []

    def meet(self, event: Captured, *, again: bool) -> UUID:
        """The person of an event. One that came before (`again`) changes nobody."""
        if not event.wants_person:
            return self.final(self._names.get(event.distinct_id) or self._id(event.distinct_id))
        if event.merges is not None and not again:
            self._join(event.merges, event.distinct_id)
        person_id = self._person(event.distinct_id)
        if event.identifies and not again and not self.persons[person_id].is_identified:
            self.persons[person_id].is_identified = True
            self.identified.add(person_id)
        if event.changes and not again:
            self.steps.append(Step(person_id, event))
        return person_id

    def final(self, person_id: UUID) -> UUID:
        """Who a person is after all merges."""
        while person_id in self.merged:
            person_id = self.merged[person_id]
        return person_id

    @property
    def stale(self) -> set[UUID]:
        """Those whose last event came longer ago."""
        return {known.id for known in self.persons.values() if not known.is_seen and known.id not in self.merged}

    def _join(self, other: str, own: str) -> None:
        """Two distinct ids are one person's, unless the other is somebody's own already."""
        source, target = self._found(other), self._found(own)
        if source is None:
            self._name(other, target or self._person(own))
        elif source != target and not self.persons[source].is_identified:
            if target is None:
                self._name(own, source)
            else:
                self.merged[source] = target
                self.steps.append(Step(target, source_id=source))

    def _found(self, name: str) -> UUID | None:
        found = self._names.get(name)
        return None if found is None else self.final(found)

    def _person(self, name: str) -> UUID:
        found = self._found(name)
        if found is None:
            found = self._id(name)
            if found in self.persons:  # the id of somebody who was merged: their first name was taken from them
                self._name(name, found)
                return found
            self.persons[found] = self.made[found] = Known(id=found, is_seen=True)
            self._name(name, found)
        return found

    def _name(self, name: str, person_id: UUID) -> None:
        self._names[name] = self.named[name] = person_id
        earlier = self._id(name)
        if earlier != person_id and earlier not in self.persons:
            self.merged[earlier] = person_id  # events that asked for no person

    def _id(self, name: str) -> UUID:
        return captured_id(self.organization_id, name)


def changed(
    people: People, before: Mapping[UUID, dict[str, Any]]
) -> tuple[dict[UUID, dict[str, Any]], dict[UUID, set[str]]]:
    """Properties after all steps, of those that changed, and the names of what changed."""
    now: dict[UUID, dict[str, Any]] = {key: dict(value) for key, value in before.items()}
    for step in people.steps:
        person = people.persons[step.person_id]
        own = now.setdefault(step.person_id, {})
        after = dict(own)
        if step.source_id is not None:
            after = _allowed(now.get(step.source_id, {}), person) | after
        if step.event is not None:
            _apply(after, step.event, person)
        if _fits(after, own):
            now[step.person_id] = after
    keys = {
        key: {name for name in after.keys() | before.get(key, {}).keys() if _differs(name, before.get(key, {}), after)}
        for key, after in now.items()
        if key not in people.merged
    }
    keys = {key: names for key, names in keys.items() if names}
    return {key: now[key] for key in keys}, keys


def _apply(properties: dict[str, Any], event: Captured, person: Known) -> None:
    for name, value in _allowed(event.set_once, person).items():
        properties.setdefault(name, value)
    properties.update(_allowed(event.set, person))
    for name in _allowed(dict.fromkeys(event.unset), person):
        properties.pop(name, None)


def _allowed(changes: Mapping[str, Any], person: Known) -> dict[str, Any]:
    """What the platform itself says of a person with a profile stays as it is."""
    return {name: value for name, value in changes.items() if not (person.has_profile and name in OWN)}


def _fits(after: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether properties may become these: a change that makes them too many or too large is left out."""
    if len(after) > MOST_PROPERTIES and len(after) > len(before):
        return False
    return len(msgspec.json.encode(after)) <= LARGEST_PROPERTIES or len(after) < len(before)


def _differs(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return name not in one or name not in other or one[name] != other[name]


def names_of(events: Iterable[Captured]) -> list[str]:
    """Every distinct id that events name."""
    return sorted({name for event in events for name in (event.distinct_id, event.merges) if name is not None})
