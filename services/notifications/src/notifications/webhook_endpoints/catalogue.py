"""Which events may leave the platform, and what is told of them.

Only an organization's own events leave, and of those only aggregates that are listed here. What is told is ids and
words of closed lists: no text, number or time of an event goes out, whatever its Struct may hold some day.
"""

import inspect
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from contracts.event import REGISTRY, Event, key
from kernel import Invalid, Problems, rfc3339

PUBLIC: Mapping[str, frozenset[str]] = {
    "identity": frozenset(
        {"api_key", "identity_provider", "oauth2_client", "onboarding_request", "service_account", "service_document"}
    ),
    "orgs": frozenset({"organization", "individual", "group", "feature"}),
    "authz": frozenset({"role", "access_grant"}),
    "artifacts": frozenset({"profile", "cohort", "simulation", "persona"}),
    "notifications": frozenset({"feedback_comment", "suppression", "template", "webhook_endpoint"}),
}
"""Aggregates whose events leave, by context."""

KEPT: Mapping[str, str] = {
    "identity.member": "asks orgs and authz for what they then announce",
    "identity.message": "how a person is told something",
    "identity.user": "the platform's own account of a sign-up; orgs says who belongs to whom",
    "identity.impersonation": "names operations; the audit log has it",
    "orgs.impersonation": "names operations; the audit log has it",
    "orgs.organization_code": "its id is the sign-up code",
    "authz.impersonation": "names operations; the audit log has it",
    "artifacts.capture_token": "says that a credential was replaced; the audit trail has it",
    "artifacts.emulation": "who acts as whom, in which session",
    "artifacts.impersonation": "names operations; the audit log has it",
    "notifications.delivery": "one a mail; the log of mails has it",
    "notifications.general_message": "changes of texts that are read when they are shown",
    "notifications.impersonation": "names operations; the audit log has it",
    "notifications.in_app_message": "one a message and person; the inbox has it",
    "notifications.url_shortener": "changes of addresses that are read when they are followed",
}
"""Aggregates with events of organizations that stay inside, and why."""

TYPE_PREFIX = "muster."
TEST = "muster.webhooks.endpoint.tested.v1"
MOST_IDS = 100


class Outgoing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent: CloudEvents 1.0 in structured JSON, `tenantid` as on the platform's own streams.

    A list of more than 100 ids is left out of `data` and named in `omitted`: read the resource instead.
    """

    specversion: str
    id: UUID
    source: str
    type: str
    time: str
    subject: str
    tenantid: UUID
    datacontenttype: str
    data: dict[str, Any]
    omitted: tuple[str, ...] = ()


class EventType(msgspec.Struct, rename="kebab", frozen=True):
    """An event that may leave: what it means, and the members of its `data`."""

    description: str
    members: tuple[str, ...]


def public(kind: type[Event]) -> bool:
    """Whether an event may leave."""
    return kind.aggregate in PUBLIC.get(kind.context, ()) and "organization_id" in kind.__struct_fields__


def type_of(kind: type[Event]) -> str:
    """An event's type as it goes out."""
    return TYPE_PREFIX + key(kind)


def event_types() -> dict[str, EventType]:
    """Every event that may leave, by its type."""
    kinds = {type_of(kind): kind for kind in REGISTRY.values() if public(kind)}
    return {
        name: EventType(" ".join((inspect.getdoc(kind) or "").split()), members(kind))
        for name, kind in sorted(kinds.items())
    }


def checked(wanted: list[str]) -> list[str]:
    """The types that an endpoint is told of, each once. Raises Problems that name each one that there is not."""
    known = event_types()
    problems = [
        Invalid("There is no such event.", pointer=f"/data/attributes/event-types/{place}", code="unknown-event-type")
        for place, name in enumerate(wanted)
        if name not in known
    ]
    if problems:
        raise Problems([*problems])
    return sorted(set(wanted))


def payload(event: Event, organization_id: UUID, event_id: UUID, occurred_at: datetime) -> str:
    """The body that is sent of an event."""
    told: dict[str, Any] = {name: getattr(event, name) for name in members(type(event))}
    long = tuple(name for name, value in told.items() if isinstance(value, tuple) and len(value) > MOST_IDS)
    return _written(
        id=event_id,
        source=f"/{event.context}",
        type=type_of(type(event)),
        time=rfc3339(occurred_at),
        subject=event.aggregate_id,
        tenantid=organization_id,
        data={name: value for name, value in told.items() if name not in long},
        omitted=long,
    )


def test_payload(endpoint_id: UUID, organization_id: UUID, event_id: UUID, occurred_at: datetime) -> str:
    """The body of a test."""
    return _written(
        id=event_id,
        source="/notifications",
        type=TEST,
        time=rfc3339(occurred_at),
        subject=str(endpoint_id),
        tenantid=organization_id,
        data={"webhook_endpoint_id": endpoint_id, "organization_id": organization_id},
    )


@cache
def members(kind: type[Event]) -> tuple[str, ...]:
    """The fields of an event that hold ids or words of closed lists."""
    types = get_type_hints(kind)
    return tuple(name for name in kind.__struct_fields__ if _told(types[name]))


def _told(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return all(_told(part) for part in get_args(annotation))
    if origin is tuple:
        return all(part is Ellipsis or _told(part) for part in get_args(annotation))
    return origin is Literal or annotation in (UUID, bool, NoneType)


def _written(**members: Any) -> str:
    return msgspec.json.encode(Outgoing(specversion="1.0", datacontenttype="application/json", **members)).decode()
