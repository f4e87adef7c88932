"""What was sent, event by event: each is read by itself, so that a bad one spoils no other."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import msgspec
from kernel import Invalid, uuid7

from artifacts.events.captured import Captured
from artifacts.events.names import OWN

MOST_ITEMS = 10_000
LARGEST_EVENT = 1024 * 1024
"""Bytes of an event's properties as JSON."""
LONGEST_NAME = 200
MOST_PROPERTIES = 1000
"""Of one `$set`, `$set_once` or `$unset`."""
SKEW = timedelta(minutes=1)
"""A client's clock is put right from here on; below it is the way of the request."""
AHEAD = timedelta(hours=23)
"""What lies further in the future happened when it came."""
LONGEST_OFFSET = 10 * 365 * 86_400_000
"""Milliseconds for which an event may have waited in its application."""
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
NOBODY = frozenset(
    {
        "anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email", "undefined", "true",
        "false", "null", "none", "nan", "0", "[object object]", "nil", "unknown",
    }
)  # fmt: skip
"""What applications send by mistake for somebody: such ids are never merged with others."""

encode = msgspec.json.Encoder().encode


class Unusable(Exception):
    """An event that cannot be taken, and why."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A request: its project's token, its events unread, and what holds for all of them."""

    token: str
    items: list[Any]
    sent_at: datetime | None = None
    historical: bool = False


def unpack(document: Any, fields: dict[str, str]) -> Sent:
    """The request behind a body; `fields` are those of the query and the form. Raises Invalid."""
    items, common = _items(document)
    if len(items) > MOST_ITEMS:
        raise Invalid(f"At most {MOST_ITEMS} events in one request.", status=413, code="too-large")
    token = _token(common) or fields.get("token") or fields.get("api_key") or ""
    for item in items if not token else ():
        if isinstance(item, dict) and (token := _token(item) or _token(_dict(item.get("properties")))):
            break
    try:
        sent_at = _moment(common.get("sent_at") or _number(fields.get("_")))
    except Unusable:
        sent_at = None
    return Sent(token=token, items=items, sent_at=sent_at, historical=common.get("historical_migration") is True)


def captured(item: Any, sent: Sent, received: datetime) -> Captured:
    """An event of a request. Raises Unusable."""
    if not isinstance(item, dict):
        raise Unusable("An event is an object.")
    properties = _dict(item.get("properties") or {}, "properties")
    event, distinct_id = _name(item.get("event")), _distinct_id(item, properties)
    changes = {name: item.get(name) or properties.get(name) for name in ("$set", "$set_once", "$unset")}
    stored = {**properties, **{name: value for name, value in changes.items() if value}}
    written = _encoded(stored)
    others = properties.get("alias") if event == "$create_alias" else properties.get("$anon_distinct_id")
    merges = event in {"$identify", "$create_alias"} and others not in (None, "", distinct_id)
    return Captured(
        id=_uuid(item.get("uuid") or properties.get("$event_uuid")),
        event=event,
        distinct_id=distinct_id,
        timestamp=_timestamp(item, properties, sent, received),
        properties=written,
        set=_changes(changes["$set"], "$set"),
        set_once=_changes(changes["$set_once"], "$set_once"),
        unset=tuple(_unset(changes["$unset"])),
        identifies=event in {"$identify", "$create_alias"} and distinct_id.lower() not in NOBODY,
        merges=_mergeable(others, distinct_id) if merges else None,
        personless=properties.get("$process_person_profile") is False,
    )


def _items(document: Any) -> tuple[list[Any], dict[str, Any]]:
    if isinstance(document, list):
        return document, {}
    if isinstance(document, dict):
        batch = document.get("batch")
        if batch is None:
            return [document], document
        if isinstance(batch, list):
            return batch, document
    raise Invalid("The body is an event, a list of events, or an object whose `batch` is one.")


def _token(holder: dict[str, Any]) -> str:
    found = holder.get("api_key") or holder.get("token")
    return found if isinstance(found, str) else ""


def _dict(value: Any, name: str | None = None) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if name is None:
        return {}
    raise Unusable(f"{name} is an object.")


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unusable("An event needs a name: `event`.")
    if value in OWN:
        raise Unusable(f"{value} is told by the platform itself.")
    return _text(value, "event")


def _distinct_id(item: dict[str, Any], properties: dict[str, Any]) -> str:
    found = next(
        (
            holder[name]
            for holder in (item, properties)
            for name in ("distinct_id", "$distinct_id")
            if holder.get(name) is not None
        ),
        None,
    )
    if found is None or found == "" or isinstance(found, dict | list):
        raise Unusable("An event needs a `distinct_id`.")
    return _text(_as_text(found), "distinct_id")


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else encode(value).decode()


def _text(value: str, name: str) -> str:
    if len(value) > LONGEST_NAME:
        raise Unusable(f"{name} has at most {LONGEST_NAME} characters.")
    if "\x00" in value:
        raise Unusable(f"{name} holds a character that cannot be kept.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Unusable(f"{name} is not Unicode.") from error
    return value


def _encoded(properties: dict[str, Any]) -> bytes:
    try:
        written = encode(properties)
    except (UnicodeEncodeError, RecursionError, ValueError) as error:
        raise Unusable("The properties cannot be kept.") from error
    if len(written) > LARGEST_EVENT:
        raise Unusable(f"An event's properties have at most {LARGEST_EVENT} bytes.")
    if b"\\u0000" in written and NUL.search(written):
        raise Unusable("The properties hold a character that cannot be kept.")
    return written


def _changes(value: Any, name: str) -> dict[str, Any]:
    found = _dict(value or {}, name)
    if len(found) > MOST_PROPERTIES or any(len(key) > LONGEST_NAME for key in found):
        raise Unusable(
            f"{name} has at most {MOST_PROPERTIES} properties, with names of at most {LONGEST_NAME} characters."
        )
    return found


def _unset(value: Any) -> list[str]:
    found = list(value) if isinstance(value, dict) else value or []
    if not isinstance(found, list) or len(found) > MOST_PROPERTIES or not all(isinstance(key, str) for key in found):
        raise Unusable(f"$unset is a list of at most {MOST_PROPERTIES} names.")
    return found


def _mergeable(other: Any, distinct_id: str) -> str | None:
    """The other id, unless one of the two is nobody's."""
    if isinstance(other, dict | list):
        return None
    named = _text(_as_text(other), "$anon_distinct_id or alias")
    return None if named.lower() in NOBODY or distinct_id.lower() in NOBODY else named


def _uuid(value: Any) -> UUID:
    if value is None:
        return uuid7()
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError) as error:
        raise Unusable("uuid is not a UUID.") from error


def _timestamp(item: dict[str, Any], properties: dict[str, Any], sent: Sent, received: datetime) -> datetime:
    found = _moment(item.get("timestamp", properties.get("timestamp")))
    if found is None:
        offset = _number(item.get("offset")) or 0
        return received - timedelta(milliseconds=offset) if 0 < offset < LONGEST_OFFSET else received
    try:
        skew = received - sent.sent_at if sent.sent_at else timedelta()
        if abs(skew) >= SKEW and not sent.historical and properties.get("$ignore_sent_at") is not True:
            found += skew
        return received if found > received + AHEAD else found.astimezone(UTC)
    except OverflowError as error:
        raise Unusable("timestamp lies too far away.") from error


def _moment(value: Any) -> datetime | None:
    """An ISO 8601 time, without a zone one in UTC, or milliseconds since 1970."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        found = datetime.fromisoformat(cast("str", value))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise Unusable("timestamp is not an ISO 8601 time.") from error


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None
