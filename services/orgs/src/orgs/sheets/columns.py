"""The columns of the files of people and groups."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

import msgspec

from orgs.individual_groups.schemas import Name, NodeType, Tags
from orgs.individuals.schemas import Email, PersonName, Phone, Zone
from orgs.sheets.cells import parted

SheetKind = Literal["individuals", "individual-groups"]
KEY_LENGTH = 255
USUAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_GROUPS = 1000
WHAT = {
    "birth-date": "Give a date as 2001-12-31.",
    "email": "Give an e-mail address.",
    "phone": "Give a phone number with its country, as +15551234567.",
    "node-type": "Give group or division.",
    "type": "Give regular or provider_only.",
    "is-active": "Give true or false.",
}


class Column(msgspec.Struct, frozen=True):
    """A column: its name in the file and in the database, and how a cell becomes a value (ValueError if it cannot)."""

    name: str
    value: Callable[[str], Any]
    required: bool = False
    cast: str = "text"

    @property
    def attribute(self) -> str:
        """The name of the table's column."""
        return self.name.replace("-", "_")


def _of(kind: Any) -> Callable[[str], Any]:
    def value(text: str) -> Any:
        if not text:
            return None
        try:
            return msgspec.convert(text, kind, strict=True)
        except msgspec.ValidationError as error:
            raise ValueError(f"{error}.") from None

    return value


def _key(text: str) -> str:
    """A key: the id of what exists already, or a name that the file gives to what is new."""
    if not text.strip():
        raise ValueError("Give each row a key.")
    if len(text) > KEY_LENGTH:
        raise ValueError(f"A key has at most {KEY_LENGTH} characters.")
    return normal(text)


def normal(text: str) -> str:
    """A key as it is compared: ids in their usual form, other keys as they are."""
    if USUAL.fullmatch(text):
        return text
    try:
        return str(UUID(text)) if len(text) in {32, 36} else text
    except ValueError:
        return text


def _reference(text: str) -> str | None:
    return _key(text) if text else None


def _references(text: str) -> list[str]:
    found = list(dict.fromkeys(_key(part) for part in parted(text)))
    if len(found) > MOST_GROUPS:
        raise ValueError(f"Name at most {MOST_GROUPS} groups.")
    return found


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("Give the group a name.")
    return _of(Name)(text)


def _tags(text: str) -> list[str]:
    try:
        return msgspec.convert(list(dict.fromkeys(parted(text))), Tags, strict=True)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}.") from None


def _truth(text: str) -> bool:
    known = {"true": True, "false": False, "": True}
    if text.lower() not in known:
        raise ValueError
    return known[text.lower()]


def _zone(text: str) -> str | None:
    value = _of(Zone)(text)
    if value is not None and value not in ZONES:
        raise ValueError("There is no such time zone.")
    return value


ZONES = available_timezones()
PEOPLE = (
    Column("key", _key, required=True),
    Column("first-name", _of(PersonName)),
    Column("last-name", _of(PersonName)),
    Column("preferred-name", _of(PersonName)),
    Column("birth-date", _of(date), cast="date"),
    Column("email", _of(Email)),
    Column("phone", _of(Phone)),
    Column("tz", _zone),
    Column("groups", _references),
)
GROUPS = (
    Column("key", _key, required=True),
    Column("name", _name, required=True),
    Column("parent-key", _reference),
    Column("node-type", lambda text: _of(NodeType)(text or "group")),
    Column("type", lambda text: _of(Literal["regular", "provider_only"])(text or "regular")),
    Column("tags", _tags),
    Column("is-active", _truth),
)
COLUMNS: dict[SheetKind, tuple[Column, ...]] = {"individuals": PEOPLE, "individual-groups": GROUPS}


def problem_of(column: Column, error: ValueError) -> str:
    """What is wrong with a cell, in a sentence that does not repeat it: it may be a person's data."""
    return WHAT.get(column.name) or str(error)
