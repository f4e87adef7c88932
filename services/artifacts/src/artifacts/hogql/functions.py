"""The functions that queries may call: this table, and nothing else of the database's.

A line says what a function gives, what it takes, and the SQL; the last of `takes` repeats where `repeats` is set.
"""

from typing import Any

import msgspec

from artifacts.hogql.values import Kind, Value, as_kind, common

DAY = "date_trunc('day', {0}, 'UTC')"
UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")


class Function(msgspec.Struct, frozen=True):
    """`gives` and kinds in `takes` may be `same`: the common kind of those arguments."""

    gives: str
    takes: tuple[str, ...]
    sql: str
    optional: int = 0
    repeats: bool = False
    is_aggregate: bool = False


def _time(sql: str) -> Function:
    return Function("time", ("time",), sql)


def _part(field: str) -> Function:
    return Function("number", ("time",), f"extract({field} FROM {{0}} AT TIME ZONE 'UTC')")


FUNCTIONS: dict[str, Function] = {
    # texts
    "lower": Function("text", ("text",), "lower({0})"),
    "upper": Function("text", ("text",), "upper({0})"),
    "trim": Function("text", ("text",), "btrim({0})"),
    "length": Function("number", ("text",), "CAST(length({0}) AS numeric)"),
    "reverse": Function("text", ("text",), "reverse({0})"),
    "concat": Function("text", ("text",), "concat({all})", repeats=True),
    "substring": Function("text", ("text", "number", "number"), "substr({0}, {1:integer}, {2:integer})", optional=1),
    "replaceall": Function("text", ("text", "text", "text"), "replace({0}, {1}, {2})"),
    "replace": Function("text", ("text", "text", "text"), "replace({0}, {1}, {2})"),
    "position": Function("number", ("text", "text"), "CAST(strpos({0}, {1}) AS numeric)"),
    "startswith": Function("bool", ("text", "text"), "starts_with({0}, {1})"),
    "endswith": Function("bool", ("text", "text"), "right({0}, length({1})) = {1}"),
    "like": Function("bool", ("text", "text"), "{0} LIKE {1}"),
    "ilike": Function("bool", ("text", "text"), "{0} ILIKE {1}"),
    "match": Function("bool", ("text", "text"), "{0} ~ {1}"),
    "empty": Function("bool", ("text",), "COALESCE({0}, '') = ''"),
    "notempty": Function("bool", ("text",), "COALESCE({0}, '') <> ''"),
    "tostring": Function("text", ("text",), "{0}"),
    "jsonextractstring": Function("text", ("json", "text"), "{0} ->> {1}"),
    # what may be missing
    "isnull": Function("bool", ("text",), "{0} IS NULL"),
    "isnotnull": Function("bool", ("text",), "{0} IS NOT NULL"),
    "coalesce": Function("same", ("same",), "COALESCE({all})", repeats=True),
    "ifnull": Function("same", ("same", "same"), "COALESCE({0}, {1})"),
    "nullif": Function("same", ("same", "same"), "NULLIF({0}, {1})"),
    # choices
    "not": Function("bool", ("bool",), "NOT COALESCE({0}, false)"),
    "and": Function("bool", ("bool",), "{and}", repeats=True),
    "or": Function("bool", ("bool",), "{or}", repeats=True),
    "equals": Function("bool", ("same", "same"), "{0} = {1}"),
    "notequals": Function("bool", ("same", "same"), "{0} IS DISTINCT FROM {1}"),
    "greater": Function("bool", ("same", "same"), "{0} > {1}"),
    "greaterorequals": Function("bool", ("same", "same"), "{0} >= {1}"),
    "less": Function("bool", ("same", "same"), "{0} < {1}"),
    "lessorequals": Function("bool", ("same", "same"), "{0} <= {1}"),
    "greatest": Function("same", ("same",), "GREATEST({all})", repeats=True),
    "least": Function("same", ("same",), "LEAST({all})", repeats=True),
    # numbers
    "toint": Function("number", ("number",), "trunc({0})"),
    "tofloat": Function("number", ("number",), "{0}"),
    "tointorzero": Function("number", ("number",), "COALESCE(trunc({0}), 0)"),
    "tofloatorzero": Function("number", ("number",), "COALESCE({0}, 0)"),
    "todecimal": Function("number", ("number",), "{0}"),
    "abs": Function("number", ("number",), "abs({0})"),
    "floor": Function("number", ("number",), "floor({0})"),
    "ceil": Function("number", ("number",), "ceil({0})"),
    "round": Function("number", ("number", "number"), "round({0}, {1:integer})", optional=1),
    "plus": Function("number", ("number", "number"), "{0} + {1}"),
    "minus": Function("number", ("number", "number"), "{0} - {1}"),
    "multiply": Function("number", ("number", "number"), "{0} * {1}"),
    "divide": Function("number", ("number", "number"), "{0} / NULLIF({1}, 0)"),
    "modulo": Function("number", ("number", "number"), "mod({0}, NULLIF({1}, 0))"),
    # times, in UTC
    "now": Function("time", (), "now()"),
    "today": Function("time", (), "date_trunc('day', now(), 'UTC')"),
    "yesterday": Function("time", (), "date_trunc('day', now(), 'UTC') - interval '1 day'"),
    "todatetime": _time("{0}"),
    "todate": _time(DAY),
    "parsedatetimebesteffort": _time("{0}"),
    "parsedatetimebesteffortornull": _time("{0}"),
    "tostartofminute": _time("date_trunc('minute', {0}, 'UTC')"),
    "tostartofhour": _time("date_trunc('hour', {0}, 'UTC')"),
    "tostartofday": _time(DAY),
    "tomonday": _time("date_trunc('week', {0}, 'UTC')"),
    "tostartofmonth": _time("date_trunc('month', {0}, 'UTC')"),
    "tostartofquarter": _time("date_trunc('quarter', {0}, 'UTC')"),
    "tostartofyear": _time("date_trunc('year', {0}, 'UTC')"),
    "toyear": _part("year"),
    "toquarter": _part("quarter"),
    "tomonth": _part("month"),
    "todayofmonth": _part("day"),
    "todayofweek": _part("isodow"),
    "todayofyear": _part("doy"),
    "tohour": _part("hour"),
    "tominute": _part("minute"),
    "tounixtimestamp": Function("number", ("time",), "floor(extract(epoch FROM {0}))"),
    # over rows
    "count": Function("number", ("text",), "CAST(count({all}) AS numeric)", optional=1, is_aggregate=True),
    "countif": Function("number", ("bool",), "CAST(count(*) FILTER (WHERE {0}) AS numeric)", is_aggregate=True),
    "uniq": Function("number", ("text",), "CAST(count(DISTINCT {0}) AS numeric)", is_aggregate=True),
    "uniqexact": Function("number", ("text",), "CAST(count(DISTINCT {0}) AS numeric)", is_aggregate=True),
    "sum": Function("number", ("number",), "sum({0})", is_aggregate=True),
    "sumif": Function("number", ("number", "bool"), "sum({0}) FILTER (WHERE {1})", is_aggregate=True),
    "avg": Function("number", ("number",), "avg({0})", is_aggregate=True),
    "avgif": Function("number", ("number", "bool"), "avg({0}) FILTER (WHERE {1})", is_aggregate=True),
    "min": Function("same", ("same",), "min({0})", is_aggregate=True),
    "max": Function("same", ("same",), "max({0})", is_aggregate=True),
    "any": Function("same", ("same",), "min({0})", is_aggregate=True),
}
for _unit in UNITS:
    _one = "3 month" if _unit == "quarter" else f"1 {_unit}"
    _steps = f"CAST({{1}} AS double precision) * interval '{_one}'"
    FUNCTIONS[f"add{_unit}s"] = Function("time", ("time", "number"), f"{{0}} + {_steps}")
    FUNCTIONS[f"subtract{_unit}s"] = Function("time", ("time", "number"), f"{{0}} - {_steps}")
    FUNCTIONS[f"tointerval{_unit}"] = Function("interval", ("number",), _steps.replace("{1}", "{0}"))

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def call(function: Function, values: list[Value]) -> Value:
    """A call with its arguments, whose number is right. Raises NotUnderstood."""
    kinds = [function.takes[min(place, len(function.takes) - 1)] for place in range(len(values))]
    held = [value for value, kind in zip(values, kinds, strict=True) if kind == "same"]
    same: Kind = common(held) if held else "text"
    if same in {"uuid", "bool", "json"} and function.sql in {"min({0})", "max({0})"}:
        same = "text"  # these have no least
    parts: list[Any] = [
        as_kind(value, same if kind == "same" else kind)  # pyright: ignore[reportArgumentType] the table holds kinds
        for value, kind in zip(values, kinds, strict=True)
    ]
    gives: Any = same if function.gives == "same" else function.gives
    aggregate = function.is_aggregate or any(value.is_aggregate for value in values)
    return Value(sql=f"({_filled(function.sql, parts)})", kind=gives, is_aggregate=aggregate)


def difference(unit: str, begin: Value, end: Value) -> Value:
    """How many borders of a unit lie between two times."""
    one, other = as_kind(begin, "time"), as_kind(end, "time")
    aggregate = begin.is_aggregate or end.is_aggregate
    if unit in SECONDS:
        span = f"date_trunc('{unit}', {other}, 'UTC') - date_trunc('{unit}', {one}, 'UTC')"
        return Value(sql=f"(extract(epoch FROM {span}) / {SECONDS[unit]})", kind="number", is_aggregate=aggregate)
    each = [
        f"floor((extract(year FROM {time} AT TIME ZONE 'UTC') * 12"
        f" + extract(month FROM {time} AT TIME ZONE 'UTC') - 1) / {MONTHS[unit]})"
        for time in (other, one)
    ]
    return Value(sql=f"({each[0]} - {each[1]})", kind="number", is_aggregate=aggregate)


def _filled(sql: str, parts: list[str]) -> str:
    """The SQL with its arguments in their places; what is missing at the end is left out with its comma."""
    if sql in {"{and}", "{or}"}:
        return f" {sql[1:-1].upper()} ".join(parts) or "true"
    filled = sql.replace("{all}", ", ".join(parts) or "*")
    for place in range(3):
        whole = f"{{{place}:integer}}"
        if place < len(parts):
            filled = filled.replace(f"{{{place}}}", parts[place]).replace(whole, f"CAST({parts[place]} AS integer)")
        else:
            filled = filled.replace(f", {whole}", "")
    return filled
