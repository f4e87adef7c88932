"""Expressions: every kind of node that is known, and nothing else."""

import math
import re
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from artifacts.hogql.errors import NotUnderstood, unsupported
from artifacts.hogql.functions import FUNCTIONS, UNITS, call, difference
from artifacts.hogql.naming import named, parts_of
from artifacts.hogql.scopes import Scope, Selected
from artifacts.hogql.values import Kind, Value, as_kind, common

NUMBER = re.compile(r"\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?")
LARGEST = 1e100
MOST_CHOICES = 1_000
COMPARISONS = {exp.EQ: "equals", exp.NEQ: "notequals", exp.GT: "greater", exp.GTE: "greaterorequals",
               exp.LT: "less", exp.LTE: "lessorequals"}  # fmt: skip
ARITHMETIC = {exp.Mul: "multiply", exp.Div: "divide", exp.Mod: "modulo"}
CASTS: dict[str, Kind] = {
    **dict.fromkeys(
        ("BIGINT", "INT", "SMALLINT", "TINYINT", "FLOAT", "DOUBLE", "DECIMAL", "UINT", "UBIGINT"), "number"
    ),
    **dict.fromkeys(("TEXT", "VARCHAR", "NVARCHAR", "CHAR"), "text"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ", "DATETIME", "DATETIME64", "DATE", "DATE32"), "time"),
    "BOOLEAN": "bool",
    "UUID": "uuid",
}

Select = Callable[[exp.Expr, Scope], Selected]


class Expressions:
    """The compiler of a select's expressions; `select` compiles the selects within them."""

    def __init__(self, scope: Scope, select: Select) -> None:
        """Names mean what `scope` says."""
        self.scope = scope
        self._select = select

    def value(self, node: Any) -> Value:
        """A node as SQL. Raises NotUnderstood for every node that is not known."""
        known = HANDLERS.get(type(node))
        if known is None:
            raise unsupported(named(node))
        handler, allowed = known
        for name, part in node.args.items():
            if name not in allowed and part:
                raise unsupported(f"{named(node)} with {name.strip('_').upper()}")
        value = handler(self, node)
        self.scope.bound.spend(value.sql)
        return value

    def condition(self, node: Any) -> str:
        """A node as SQL of true or false."""
        return as_kind(self.value(node), "bool")

    def literal(self, node: Any) -> Value:
        if node.args.get("is_string"):
            return Value(sql=self.scope.bound.text(node.this), kind="text", literal=node.this)
        return self.number(node.this)

    def number(self, written: str) -> Value:
        if not NUMBER.fullmatch(written) or not math.isfinite(float(written)) or float(written) > LARGEST:
            raise unsupported(f"The number {written[:40]}")
        return Value(sql=f"CAST({self.scope.bound.text(written)} AS numeric)", kind="number")

    def boolean(self, node: Any) -> Value:
        return Value(sql="true" if node.this else "false", kind="bool")

    def null(self, _: Any) -> Value:
        return Value(sql="NULL", kind="null")

    def paren(self, node: Any) -> Value:
        return self.value(node.this)

    def column(self, node: Any) -> Value:
        parts = parts_of(node)
        found = self.scope.column(parts)
        if found is not None:
            return found
        name = parts[0]
        if len(parts) == 1 and name in self.scope.aliases:
            if name in self.scope.open:
                raise NotUnderstood(f"{name} stands for itself.")
            self.scope.open.add(name)
            value = self.value(self.scope.aliases[name])
            self.scope.open.discard(name)
            return value
        raise NotUnderstood(f"There is no column {'.'.join(parts)[:100]}.")

    def bracket(self, node: Any) -> Value:
        keys = [key.this for key in node.expressions if isinstance(key, exp.Literal) and key.args.get("is_string")]
        if len(keys) != 1 or len(node.expressions) != 1:
            raise unsupported("A part of JSON that is not named by a text")
        return self.scope.within(self.value(node.this), keys)

    def comparison(self, node: Any) -> Value:
        values = [self.value(node.this), self.value(node.expression)]
        null = next((place for place, value in enumerate(values) if value.kind == "null"), None)
        if null is not None and type(node) in {exp.EQ, exp.NEQ}:
            sign = "IS NULL" if isinstance(node, exp.EQ) else "IS NOT NULL"
            other = values[1 - null]
            return Value(sql=f"({other.text or other.sql} {sign})", kind="bool", is_aggregate=other.is_aggregate)
        return call(FUNCTIONS[COMPARISONS[type(node)]], values)

    def is_(self, node: Any) -> Value:
        if not isinstance(node.expression, exp.Null):
            raise unsupported("IS beside anything but NULL")
        value = self.value(node.this)
        return Value(sql=f"({value.text or value.sql} IS NULL)", kind="bool", is_aggregate=value.is_aggregate)

    def logic(self, node: Any) -> Value:
        sides = [self.value(side) for side in self._flat(node, type(node))]
        sign = " AND " if isinstance(node, exp.And) else " OR "
        sql = sign.join(as_kind(side, "bool") for side in sides)
        return Value(sql=f"({sql})", kind="bool", is_aggregate=any(side.is_aggregate for side in sides))

    def _flat(self, node: Any, kind: type[Any]) -> list[Any]:
        """The conditions of a chain: it may be long, and need not be walked by recursion."""
        found: list[Any] = []
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if isinstance(one, kind):
                waiting += [one.args["expression"], one.args["this"]]
            else:
                found.append(one)
        return found

    def not_(self, node: Any) -> Value:
        return call(FUNCTIONS["not"], [self.value(node.this)])

    def minus(self, node: Any) -> Value:
        value = self.value(node.this)
        return Value(sql=f"(- {as_kind(value, 'number')})", kind="number", is_aggregate=value.is_aggregate)

    def arithmetic(self, node: Any) -> Value:
        return call(FUNCTIONS[ARITHMETIC[type(node)]], [self.value(node.this), self.value(node.expression)])

    def sum(self, node: Any) -> Value:
        one, other = self.value(node.this), self.value(node.expression)
        sign = "+" if isinstance(node, exp.Add) else "-"
        aggregate = one.is_aggregate or other.is_aggregate
        if other.kind == "interval":
            return Value(sql=f"({as_kind(one, 'time')} {sign} {other.sql})", kind="time", is_aggregate=aggregate)
        if "time" in {one.kind, other.kind}:
            raise unsupported("Adding to a time anything but an interval")
        return call(FUNCTIONS["plus" if sign == "+" else "minus"], [one, other])

    def interval(self, node: Any) -> Value:
        unit = str(getattr(node.args.get("unit"), "this", "")).lower().rstrip("s")
        amount = node.this
        if unit not in UNITS or not isinstance(amount, exp.Literal):
            raise unsupported("This interval")
        return call(FUNCTIONS[f"tointerval{unit}"], [self.number(str(amount.this))])

    def concat(self, node: Any) -> Value:
        return call(FUNCTIONS["concat"], [self.value(node.this), self.value(node.expression)])

    def like(self, node: Any) -> Value:
        name = "ilike" if isinstance(node, exp.ILike) else "like"
        found = call(FUNCTIONS[name], [self.value(node.this), self.value(node.expression)])
        return call(FUNCTIONS["not"], [found]) if node.args.get("negate") else found

    def between(self, node: Any) -> Value:
        values = [self.value(node.args[name]) for name in ("this", "low", "high")]
        kind = common(values)
        one, low, high = (as_kind(value, kind) for value in values)
        aggregate = any(value.is_aggregate for value in values)
        return Value(sql=f"({one} BETWEEN {low} AND {high})", kind="bool", is_aggregate=aggregate)

    def within(self, node: Any) -> Value:
        own = self.value(node.this)
        if node.args.get("query") is not None:
            found = self._select(node.args["query"].this, self.scope)
            if len(found.kinds) != 1:
                raise NotUnderstood("A select after IN has one column.")
            theirs = Value(sql="q.c1", kind=found.kinds[0])
            kind = common([own, theirs])
            rows = f"SELECT {as_kind(theirs, kind)} FROM ({found.sql}) AS q"  # noqa: S608 nothing in it is the caller's
            return Value(sql=f"({as_kind(own, kind)} IN ({rows}))", kind="bool", is_aggregate=own.is_aggregate)
        choices = list(node.expressions)
        field = node.args.get("field")
        if isinstance(field, exp.Array | exp.Tuple):
            choices = list(field.expressions)
        elif field is not None:
            raise unsupported("IN beside anything but a list or a select")
        if not 0 < len(choices) <= MOST_CHOICES:
            raise unsupported(f"IN with no value, or more than {MOST_CHOICES},")
        values = [self.value(choice) for choice in choices]
        kind = common([own, *values])
        listed = ", ".join(as_kind(value, kind) for value in values)
        return Value(sql=f"({as_kind(own, kind)} IN ({listed}))", kind="bool", is_aggregate=own.is_aggregate)

    def case(self, node: Any) -> Value:
        if node.args.get("this") is not None:
            raise unsupported("CASE with a value")
        pairs = [(branch.this, branch.args["true"]) for branch in node.args["ifs"]]
        return self.choice(pairs, node.args.get("default"))

    def if_(self, node: Any) -> Value:
        return self.choice([(node.this, node.args["true"])], node.args.get("false"))

    def choice(self, pairs: list[tuple[Any, Any]], default: Any) -> Value:
        """The value beside the first condition that holds."""
        values = [self.value(value) for _, value in pairs]
        other = self.value(default) if default is not None else self.null(None)
        kind = common([*values, other])
        conditions = [self.value(condition) for condition, _ in pairs]
        branches = " ".join(
            f"WHEN {as_kind(condition, 'bool')} THEN {as_kind(value, kind)}"
            for condition, value in zip(conditions, values, strict=True)
        )
        aggregate = any(value.is_aggregate for value in (*values, other, *conditions))
        return Value(sql=f"(CASE {branches} ELSE {as_kind(other, kind)} END)", kind=kind, is_aggregate=aggregate)

    def cast(self, node: Any) -> Value:
        written = getattr(node.args["to"].this, "name", "")
        kind = CASTS.get(written)
        if kind is None:
            raise unsupported(f"CAST to {written or 'this type'}")
        value = self.value(node.this)
        return Value(sql=f"({as_kind(value, kind)})", kind=kind, is_aggregate=value.is_aggregate)

    def call(self, node: Any) -> Value:
        name, arguments = str(node.this), list(node.expressions)
        key = name.lower()
        if key in {"if", "multiif"}:
            if len(arguments) < 3 or len(arguments) % 2 == 0:  # noqa: PLR2004
                raise NotUnderstood(f"{name} takes conditions with their values, and a last value.")
            return self.choice(list(zip(arguments[:-1:2], arguments[1:-1:2], strict=True)), arguments[-1])
        if key in {"datediff", "date_diff"} and len(arguments) == 3:  # noqa: PLR2004
            unit = arguments[0].this if isinstance(arguments[0], exp.Literal) else ""
            if str(unit).lower() not in UNITS:
                raise unsupported("This unit of dateDiff")
            return difference(str(unit).lower(), self.value(arguments[1]), self.value(arguments[2]))
        function = FUNCTIONS.get(key)
        if function is None:
            raise unsupported(f"The function {name[:60]}")
        distinct = len(arguments) == 1 and isinstance(arguments[0], exp.Distinct)
        if distinct and key == "count":
            function, arguments = FUNCTIONS["uniqexact"], list(arguments[0].expressions)
        if key == "count" and len(arguments) == 1 and isinstance(arguments[0], exp.Star):
            arguments = []
        most = MOST_CHOICES if function.repeats else len(function.takes)
        if not len(function.takes) - function.optional <= len(arguments) <= most:
            raise NotUnderstood(f"{name} takes {len(function.takes)} arguments.")
        return call(function, [self.value(argument) for argument in arguments])


_SIDES = ("this", "expression")
_CALL = ("this", "expressions")
HANDLERS: dict[type[Any], tuple[Callable[[Expressions, Any], Value], tuple[str, ...]]] = {
    exp.Literal: (Expressions.literal, ("this", "is_string")),
    exp.Boolean: (Expressions.boolean, ("this",)),
    exp.Null: (Expressions.null, ()),
    exp.Paren: (Expressions.paren, ("this",)),
    exp.Column: (Expressions.column, ("this", "table", "db", "catalog")),
    exp.Dot: (Expressions.column, _SIDES),
    exp.Bracket: (Expressions.bracket, _CALL),
    exp.Is: (Expressions.is_, _SIDES),
    exp.And: (Expressions.logic, _SIDES),
    exp.Or: (Expressions.logic, _SIDES),
    exp.Not: (Expressions.not_, ("this",)),
    exp.Neg: (Expressions.minus, ("this",)),
    exp.Add: (Expressions.sum, _SIDES),
    exp.Sub: (Expressions.sum, _SIDES),
    exp.Interval: (Expressions.interval, ("this", "unit")),
    exp.DPipe: (Expressions.concat, (*_SIDES, "safe")),
    exp.Like: (Expressions.like, (*_SIDES, "negate")),
    exp.ILike: (Expressions.like, (*_SIDES, "negate")),
    exp.Between: (Expressions.between, ("this", "low", "high")),
    exp.In: (Expressions.within, ("this", "expressions", "query", "field")),
    exp.Case: (Expressions.case, ("this", "ifs", "default")),
    exp.If: (Expressions.if_, ("this", "true", "false")),
    exp.Cast: (Expressions.cast, ("this", "to")),
    exp.Anonymous: (Expressions.call, _CALL),
    exp.AnonymousAggFunc: (Expressions.call, _CALL),
    exp.CombinedAggFunc: (Expressions.call, _CALL),
    **dict.fromkeys(COMPARISONS, (Expressions.comparison, _SIDES)),
    **dict.fromkeys(ARITHMETIC, (Expressions.arithmetic, (*_SIDES, "typed", "safe"))),
}
