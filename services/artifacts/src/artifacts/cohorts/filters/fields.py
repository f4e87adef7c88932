"""Single values of filters: numbers that come as text, names, choices, dates, patterns."""

import re
from typing import Any, cast, get_args

from kernel import Invalid

from artifacts.cohorts.filters.moments import parse_date
from artifacts.cohorts.filters.nodes import Interval, Kind
from artifacts.cohorts.filters.patterns import translate

KINDS = get_args(Kind)
INTERVALS = get_args(Interval)
EVENT_TYPES = ("events", "actions")
PATTERN_OPERATORS = frozenset({"regex", "not_regex"})
MOST_EVENT_FILTERS = 100
LONGEST_NAME = 1000
LARGEST = 2**63 - 1
LIMITS = {
    "time_value": (0, 100_000),
    "seq_time_value": (0, 100_000),
    "operator_value": (-(2**31), 2**31 - 1),
    "total_periods": (1, 1000),
    "min_periods": (1, 1000),
}
"""The least and the largest of optional numbers."""
WHOLE = re.compile(r"[+-]?[0-9]{1,19}")


def refused(detail: str) -> Invalid:
    """A refusal of filters."""
    return Invalid(detail, pointer="/filters", code="invalid_input")


def mapping(value: object) -> dict[str, Any] | None:
    """An object of JSON; None for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def sequence(value: object) -> list[Any] | None:
    """A list of JSON; None for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else None


def values_of(value: Any) -> list[Any]:
    """One value, or each of several."""
    several = sequence(value)
    return [value] if several is None else several


def shown(value: Any) -> str:
    """A client's value in a message, cut short."""
    return str(value)[:100]


def text(given: dict[str, Any], field: str) -> str:
    """A text that is not too long."""
    value = given[field]
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        raise refused(f"{field} must be a text of at most {LONGEST_NAME} characters.")
    return value


def name(given: dict[str, Any], field: str) -> str | int:
    """The name of an event or the number of an action."""
    value = given[field]
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST:
        return value
    return text(given, field)


def whole(given: dict[str, Any], field: str, *, least: int = -LARGEST, most: int = LARGEST) -> int:
    """A whole number, or one written as text or with nothing behind its point."""
    value = given[field]
    if isinstance(value, str) and WHOLE.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise refused(f"{field} must be a whole number.")
    if not least <= value <= most:
        raise refused(f"{field} must lie between {least} and {most}.")
    return value


def truth(given: dict[str, Any], field: str) -> bool:
    """True or false, also as text; absent and null are false."""
    value = given.get(field)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if value is not None and not isinstance(value, bool):
        raise refused(f"{field} must be true or false.")
    return bool(value)


def choice(given: dict[str, Any], field: str, allowed: tuple[str, ...]) -> Any:
    """One of some texts."""
    value = given.get(field)
    if not isinstance(value, str) or value not in allowed:
        raise refused(f"{field} must be one of {', '.join(allowed)}. Got: {shown(value)}")
    return value


def optional(given: dict[str, Any]) -> dict[str, Any]:
    """Those fields of a behavioral filter that may be absent or null."""
    found: dict[str, Any] = {}
    for field, (least, most) in LIMITS.items():
        if given.get(field) is not None:
            found[field] = whole(given, field, least=least, most=most)
    for field in ("time_interval", "seq_time_interval"):
        if given.get(field) is not None:
            found[field] = choice(given, field, INTERVALS)
    for field in ("operator", "seq_event_type"):
        if given.get(field) is not None:
            found[field] = text(given, field)
    if given.get("seq_event") is not None:
        found["seq_event"] = name(given, "seq_event")
    for field in ("explicit_datetime", "explicit_datetime_to"):
        if given.get(field) is not None:
            found[field] = text(given, field)
            check_date(found[field], field)
    return found


def check_date(value: Any, operator: str) -> None:
    """Raises Invalid for what is neither a relative date nor one of ISO 8601."""
    if not isinstance(value, str) or parse_date(value) is None:
        raise refused(
            f"Invalid date value '{shown(value)}' for operator '{operator}'. "
            "Expected a relative date (e.g., '-7d', '30d') or an ISO 8601 date (e.g., '2024-01-15')."
        )


def check_patterns(value: Any) -> None:
    """Raises Invalid for a pattern that is none, or one that could take forever."""
    for one in values_of(value):
        if not isinstance(one, str):
            raise refused("A pattern must be a text.")
        problem = translate(one).problem
        if problem is not None:
            raise refused(f"The pattern '{shown(one)}' cannot be used: {problem}")
