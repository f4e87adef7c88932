"""Conditions on a property of a person or an event, as SQL and in words.

Values are compared as text: a number or a truth value as JSON writes it, a list or an object as JSON. `gt`, `lt`,
`gte` and `lte` compare numbers where the filter's value is one (what is no number then does not match), else texts by
their characters' codes. A property that is absent or null is not set: it matches nothing but `is_not_set` and the
negative operators, each of which is the exact opposite of its positive one.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from kernel import DomainError

from artifacts.cohorts.filters.fields import shown, values_of
from artifacts.cohorts.filters.moments import Ago, parse_date
from artifacts.cohorts.filters.patterns import translate
from artifacts.cohorts.filters.values import DayEdge, Values
from artifacts.matching import like

EMPTY_GROUP = "A group has no conditions."
NUMBER = r"^\s*[-+]?([0-9]{1,100}(\.[0-9]{0,100})?|\.[0-9]{1,100})([eE][-+]?[0-9]{1,2})?\s*$"
IS_NUMBER = re.compile(NUMBER, re.ASCII)
MOMENT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?$"
)
COMPARED = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
OPPOSITES = {
    "is_not": "exact",
    "not_icontains": "icontains",
    "not_regex": "regex",
    "not_in": "in",
    "is_not_set": "is_set",
}
MOST_LISTED = 10
"""More texts to choose from are one parameter."""
DATES = frozenset({"is_date_exact", "is_date_before", "is_date_after"})


class Unsupported(DomainError):
    """Filters that are well formed and cannot be calculated; the text is for people."""


def condition(properties: str, key: str, operator: str, value: Any, values: Values) -> str:  # noqa: PLR0911 a line a kind
    """SQL that is true where a property matches; NULL is as good as false.

    `properties` is the column. Raises Unsupported.
    """
    if operator in OPPOSITES:
        return f"({condition(properties, key, OPPOSITES[operator], value, values)}) IS NOT TRUE"
    name = values.add(key, "text")
    found = f"({properties} ->> {name})"
    match operator:
        case "is_set":
            return f"{found} IS NOT NULL"
        case "exact" | "in":
            texts = _texts(value)
            if 0 < len(texts) <= MOST_LISTED:
                return f"{found} IN ({', '.join(values.add(one, 'text') for one in texts)})"
            return f"{found} = ANY({values.add(texts, 'text[]')})"
        case "icontains":
            patterns = [like(one) or "%" for one in _texts(value)]
            return _any_of(f"{found} ILIKE", patterns, values)
        case "regex":
            return _any_of(f"{found} ~", [_pattern(one) for one in values_of(value)], values)
        case _ if operator in COMPARED:
            return _compared(f"({properties} -> {name})", found, COMPARED[operator], value, values)
        case _ if operator in DATES:
            return _dated(moment_of(found), operator, value, values)
        case _:
            raise Unsupported(f"The operator '{shown(operator)}' is not known.")


def moment_of(found: str) -> str:
    """SQL of a property's text as a moment: ISO 8601, or seconds since 1970; NULL for what is none."""
    return (
        f"CASE WHEN {found} ~ '{MOMENT}' AND pg_input_is_valid({found}, 'timestamptz') THEN {found}::timestamptz "
        f"WHEN {found} ~ '^[0-9]{{10}}$' THEN to_timestamp({found}::float8) END"
    )


def moving(operator: str, value: Any) -> Ago | None:
    """The distance of a date condition that moves with the clock."""
    edge = parse_date(value) if operator in DATES and isinstance(value, str) else None
    return edge if isinstance(edge, Ago) else None


def as_text(value: Any) -> str:
    """A filter's value as the text that a property of the same value is."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def as_number(value: Any) -> Decimal | None:
    """A filter's value as a number; None for what is none."""
    if isinstance(value, bool):
        return None
    text = as_text(value)
    try:
        return Decimal(text.strip()) if IS_NUMBER.match(text) else None
    except InvalidOperation:  # pragma: no cover - the expression admits nothing else
        return None


def _texts(value: Any) -> list[str]:
    return [as_text(one) for one in values_of(value) if one is not None]


def _pattern(value: Any) -> str:
    found = translate(as_text(value))
    if found.problem is not None:
        raise Unsupported(f"The pattern '{shown(value)}' cannot be used: {found.problem}")
    return found.sql


def _any_of(matches: str, patterns: list[str], values: Values) -> str:
    if not patterns:
        return "false"
    return " OR ".join(f"{matches} {values.add(one, 'text')}" for one in patterns).join("()")


def _single(value: Any, operator: str) -> Any:
    several = values_of(value)
    if len(several) != 1:
        raise Unsupported(f"'{operator}' compares with one value.")
    return several[0]


def _compared(found: str, text: str, sign: str, value: Any, values: Values) -> str:
    one = _single(value, sign)
    number = as_number(one)
    if number is None:
        return f'{text} COLLATE "C" {sign} {values.add(as_text(one), "text")}'
    bound = values.add(number, "numeric")
    return (
        f"CASE jsonb_typeof({found}) WHEN 'number' THEN {found}::numeric {sign} {bound} "
        f"WHEN 'string' THEN CASE WHEN {text} ~ '{NUMBER}' THEN {text}::numeric {sign} {bound} END END"
    )


def _dated(moment: str, operator: str, value: Any, values: Values) -> str:
    given = _single(value, operator)
    edge = parse_date(given) if isinstance(given, str) else None
    if edge is None:
        raise Unsupported(f"'{shown(given)}' is no date for '{operator}'.")
    if operator == "is_date_exact":
        begins, ends = _day(edge)
        return f"({moment} >= {values.moment(begins)} AND {moment} < {values.moment(ends)})"
    before = "<=" if isinstance(edge, Ago) else "<"  # what moves lies on either side of each date, never between
    return f"{moment} {before if operator == 'is_date_before' else '>'} {values.moment(edge)}"


def _day(edge: Any) -> tuple[Any, Any]:
    """The beginning and the end of an edge's day."""
    if isinstance(edge, Ago):
        return DayEdge(edge), DayEdge(edge, 1)
    begins = edge.replace(hour=0, minute=0, second=0, microsecond=0)
    return begins, Ago(1, "day").after(begins)
