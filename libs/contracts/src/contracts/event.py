"""What an event is: a frozen Struct with a context, an aggregate, a name and a major version."""

import zlib
from collections.abc import Callable
from typing import ClassVar, TypeVar
from uuid import UUID

import msgspec

PARTITIONS = 16

EventType = TypeVar("EventType", bound="type[Event]")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to one aggregate. The first field is the aggregate's id.

    Fields hold ids and facts of the platform, never a person's data: erasing a person must not
    need a rewrite of the stream.
    """

    context: ClassVar[str]
    aggregate: ClassVar[str]
    event_name: ClassVar[str]
    major: ClassVar[int]

    @property
    def aggregate_id(self) -> str:
        """The id of the aggregate that the event belongs to, as text."""
        return str(getattr(self, self.__struct_fields__[0]))

    @property
    def tenant_id(self) -> UUID | None:
        """The organization that the event belongs to, if it belongs to one."""
        return getattr(self, "organization_id", None)


REGISTRY: dict[str, type[Event]] = {}
"""Every event by its key, such as `orgs.group.moved.v1`."""


def event(context: str, aggregate: str, name: str, major: int = 1) -> Callable[[EventType], EventType]:
    """Register an event Struct under its context, aggregate, name and major version."""

    def register(kind: EventType) -> EventType:
        kind.context, kind.aggregate, kind.event_name, kind.major = context, aggregate, name, major
        REGISTRY[key(kind)] = kind
        return kind

    return register


def key(kind: type[Event]) -> str:
    """The registry's key of an event, which is also the end of its CloudEvents type."""
    return f"{kind.context}.{kind.aggregate}.{kind.event_name}.v{kind.major}"


def partition(aggregate_id: str) -> int:
    """The partition of an aggregate: CRC-32 of its id's UTF-8 bytes, modulo 16."""
    return zlib.crc32(aggregate_id.encode()) % PARTITIONS


def subject(kind: type[Event], aggregate_id: str) -> str:
    """The NATS subject that an event of this aggregate is published on."""
    return f"evt.{key(kind)}.{partition(aggregate_id)}"


def stream(context: str) -> str:
    """The JetStream stream that holds a context's events."""
    return f"EVT_{context.upper()}"
