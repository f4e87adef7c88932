"""What an event of the streams says to whoever keeps something by permissions: whom and what to ask about again."""

from typing import Any
from uuid import UUID

import msgspec
from contracts.authz import AccessGrantCreated, AccessGrantDeleted, AccessGrantUpdated
from contracts.event import Event, key
from messaging import Entry

from authz.changes import Change, GroupGone, GroupIs, IndividualIs, OrganizationIs, Person, Staff, changes_of, concerned

GRANTS = AccessGrantCreated | AccessGrantUpdated | AccessGrantDeleted


class Named(msgspec.Struct, frozen=True, order=True):
    """A user, role or group; a resource."""

    type: str
    id: str


class Notice(msgspec.Struct, frozen=True, rename="kebab"):
    """An event that changed permissions.

    `subjects` may do more or less than before, and something changed about `resources`. Within `organizations` rights
    moved with a group or an individual: whoever leads or administers there may be concerned.
    """

    type: str
    time: str
    organization_id: UUID | None
    subjects: list[Named]
    resources: list[Named]
    organizations: list[UUID]


def notice_of(entry: Entry) -> Notice | None:
    """What an entry of a stream says; None where it says nothing of permissions."""
    event = entry.event
    if event is None or entry.envelope is None or not (changes := changes_of(event)):
        return None
    users, places = concerned(changes, event.tenant_id)
    subjects = {Named("user", str(user)) for user in users}
    resources = {named for change in changes for named in _resources(change)}
    if isinstance(event, GRANTS):
        subjects.add(Named(_subject_kind(event), str(event.subject_id)))
        resources.add(Named(event.resource_type, event.resource_id))
    return Notice(
        type=key(type(event)),
        time=entry.envelope.time.isoformat().replace("+00:00", "Z"),
        organization_id=_place(event, places),
        subjects=sorted(subjects),
        resources=sorted(resources),
        organizations=sorted(places),
    )


def _subject_kind(event: Any) -> str:
    return "group" if event.subject_type == "participants" else event.subject_type


def _place(event: Event, places: set[UUID]) -> UUID | None:
    """The organization that the event belongs to; an individual's that its organization owns."""
    return event.tenant_id or (next(iter(places)) if len(places) == 1 else None)


def _resources(change: Change) -> list[Named]:
    match change:
        case OrganizationIs() | Staff():
            return [Named("organization", str(change.organization))]
        case IndividualIs():
            return [Named("individual", str(change.individual))]
        case GroupIs() | GroupGone():
            return [Named("group", str(change.group))]
        case Person(kind="individual"):
            return [Named("group", str(change.group)), Named("individual", str(change.person))]
        case Person():
            return [Named("group", str(change.group))]
        case _:
            return []
