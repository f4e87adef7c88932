"""CloudEvents 1.0 in structured JSON (cloudevents.io, JSON event format) with Muster's extension attributes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, unquote
from uuid import UUID

import msgspec
from contracts.event import REGISTRY, Event

TYPE_PREFIX = "muster."
MEDIA_TYPE = "application/cloudevents+json"
MAX_BYTES = 256 * 1024
"""The largest data of an event, in bytes of JSON."""

MSG_ID = "Nats-Msg-Id"
AGGREGATE_TYPE = "Muster-Aggregate-Type"
AGGREGATE_ID = "Muster-Aggregate-Id"
AGGREGATE_VERSION = "Muster-Aggregate-Version"
_KEY_PARTS = 4


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event as it is on the wire. Extension names are lower case without underscores, as CloudEvents wants."""

    specversion: str
    id: UUID
    source: str
    type: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    datacontenttype: str
    aggregateid: str
    aggregateversion: int
    tenantid: UUID | None = None
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None
    data: msgspec.Raw

    @property
    def key(self) -> str:
        """The registry's key, such as `orgs.group.moved.v1`."""
        return self.type.removeprefix(TYPE_PREFIX)

    @property
    def aggregate_type(self) -> str:
        """Context and aggregate, such as `orgs.group`."""
        return aggregate_type_of(self.key)


class Undecodable(Exception):
    """What arrived is no event that this program can read; its text says why."""


_decoder = msgspec.json.Decoder(Envelope)
_encoder = msgspec.json.Encoder()


def aggregate_type_of(key: str) -> str:
    """`orgs.group` of `orgs.group.moved.v1`."""
    return ".".join(key.split(".", 2)[:2])


def compose(row: Mapping[str, Any], traceparent: str | None) -> bytes:
    """The envelope of an outbox row as JSON."""
    headers = msgspec.json.decode(row["headers"])
    context = row["event_type"].partition(".")[0]
    return _encoder.encode(
        Envelope(
            specversion="1.0",
            id=row["event_id"],
            source=f"/{context}",
            type=TYPE_PREFIX + row["event_type"],
            time=row["created_at"],
            datacontenttype="application/json",
            aggregateid=row["aggregate_id"],
            aggregateversion=row["aggregate_version"],
            tenantid=row["tenant_id"],
            causationid=headers.get("causationid"),
            correlationid=headers.get("correlationid"),
            traceparent=traceparent,
            data=msgspec.Raw(row["payload"].encode()),
        )
    )


def wire_headers(row: Mapping[str, Any], suffix: str = "") -> dict[str, str]:
    """The NATS headers of an outbox row; they tell the aggregate even where the body cannot be read."""
    return {
        MSG_ID: f"{row['event_id']}{suffix}",
        AGGREGATE_TYPE: row["aggregate_type"],
        AGGREGATE_ID: quote(row["aggregate_id"]),
        AGGREGATE_VERSION: str(row["aggregate_version"]),
        "Content-Type": MEDIA_TYPE,
    }


def aggregate_of(headers: Mapping[str, str]) -> tuple[str, str, int] | None:
    """Aggregate type, id and version from NATS headers, or None where they are not an event's."""
    try:
        return headers[AGGREGATE_TYPE], unquote(headers[AGGREGATE_ID]), int(headers[AGGREGATE_VERSION])
    except (KeyError, ValueError):
        return None


def event_id_of(headers: Mapping[str, str]) -> UUID | None:
    """The event's id from NATS headers: a republished message carries a suffix after it."""
    try:
        return UUID(headers.get(MSG_ID, "")[:36])
    except ValueError:
        return None


def decode(data: bytes) -> Envelope:
    """Read an envelope. Raises Undecodable."""
    if len(data) > 2 * MAX_BYTES:
        raise Undecodable(f"{len(data)} bytes are more than an event may have")
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Undecodable(str(error)) from error


def decode_event(envelope: Envelope) -> Event | None:
    """The event in an envelope; None when this program does not know the type but knows its major version.

    A new type within a known major version is an additive change that readers pass over. Raises Undecodable for an
    unknown major version and for data that does not fit the type.
    """
    kind = REGISTRY.get(envelope.key)
    if kind is None:
        _check_major(envelope.key)
        return None
    try:
        return msgspec.json.decode(envelope.data, type=kind)
    except msgspec.MsgspecError as error:
        raise Undecodable(f"{envelope.type}: {error}") from error


def _check_major(key: str) -> None:
    parts = key.split(".")
    if len(parts) != _KEY_PARTS:
        raise Undecodable(f"{key} is no event type")
    stem, major = key.rsplit(".", 1)
    known = _majors(f"{stem}.") or _majors(f"{aggregate_type_of(key)}.") or {"v1"}
    if major not in known:
        raise Undecodable(f"major version {major} of {stem} is not known")


def _majors(start: str) -> set[str]:
    return {key.rsplit(".", 1)[1] for key in REGISTRY if key.startswith(start)}
