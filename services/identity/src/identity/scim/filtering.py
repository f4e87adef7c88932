"""Filters and orders of RFC 7644 (sections 3.4.2.2 and 3.4.2.3) as conditions on a jsonb document.

The meaning is that of the library's own evaluation in memory; a property test holds both against each other. Texts
compare in NFC, and without their case unless the attribute is case exact; a list matches when one of its values does,
`ne` when none is equal.
"""

import base64
from datetime import datetime
from typing import Any

from scim2_models import SearchRequest
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Path,
    Present,
    ValuePath,
)
from scim2_models.path.resolution import coerce_value

COLLATION = "COLLATE pg_unicode_fast"
ORDERINGS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
NOTHING = "false"


class Condition(FilterVisitor[str]):
    """Writes a filter as SQL. `values` are the parameters that it names."""

    def __init__(self, model: Any, node: str, values: dict[str, Any], depth: int = 0) -> None:
        """`node` is the SQL expression of the jsonb object that attributes of `model` are read from."""
        self.model, self.node, self.values, self.depth = model, node, values, depth

    def visit_logical_expr(self, node: LogicalExpr) -> str:
        """All or any."""
        word = " AND " if node.op == LogicalOperator.and_ else " OR "
        return "(" + word.join(self.visit(term) for term in node.terms) + ")"

    def visit_not(self, node: Not) -> str:
        """The contrary."""
        return f"NOT {self.visit(node.expr)}"

    def visit_comparison(self, node: Comparison) -> str:
        """One attribute against one value."""
        bound = self._bound(node.attr_path, comparing=True)
        if bound is None:
            return NOTHING
        value = coerce_value(bound, node.value, node.op)
        if not bound.is_multivalued:
            return self._compared(_text(self._path(bound)), bound, node.op, value)
        return self._among(bound, node.op, value)

    def visit_present(self, node: Present) -> str:
        """Whether there is anything."""
        bound = self._bound(node.attr_path, comparing=False)
        if bound is None:
            return NOTHING
        if bound.is_multivalued and bound.sub_field_name:
            item = self._item(bound)
            return f"EXISTS (SELECT FROM {self._items(bound)} WHERE coalesce({item} <> '', false))"
        return f"coalesce({_json(self._path(bound))} NOT IN ('\"\"', '[]', '{{}}', 'null'), false)"

    def visit_value_path(self, node: ValuePath) -> str:
        """One value of a list that meets all of a filter."""
        bound = self._bound(node.attr_path, comparing=False)
        if bound is None:
            return NOTHING
        inner = Condition(bound.field_type, self._element(), self.values, self.depth + 1)
        if not hasattr(bound.field_type, "model_fields"):
            return self._scalars(bound, node.val_filter)
        return f"EXISTS (SELECT FROM {self._items(bound)} WHERE {inner.visit(node.val_filter)})"

    def _scalars(self, bound: AttributeBinding, inner: FilterNode) -> str:
        """A list of plain texts, whose values are addressed as `value`."""
        return f"EXISTS (SELECT FROM {self._items(bound)} WHERE {Scalars(self, bound).visit(inner)})"

    def _bound(self, path: AttrPath, *, comparing: bool) -> AttributeBinding | None:
        """The attribute; a list of objects is compared by their `value`."""
        bound = Path[self.model](str(path)).resolve()
        if bound is None or not comparing or bound.sub_field_name or not bound.is_multivalued:
            return bound
        if "value" not in getattr(bound.field_type, "model_fields", ()):
            return bound
        return Path[self.model](f"{path}.value").resolve()

    def _path(self, bound: AttributeBinding) -> tuple[str, list[str]]:
        return self.node, keys(self.model, bound)

    def _items(self, bound: AttributeBinding) -> str:
        """The values of a list, as rows."""
        whole = _json((self.node, keys(self.model, bound)[: -1 if bound.sub_field_name else None]))
        array = f"CASE jsonb_typeof({whole}) WHEN 'array' THEN {whole} ELSE '[]' END"
        return f"jsonb_array_elements({array}) AS e{self.depth} (item)"

    def _element(self) -> str:
        return f"e{self.depth}.item"

    def _item(self, bound: AttributeBinding) -> str:
        """The text that is compared of one value of a list."""
        below = [name_of(bound.field_type, bound.sub_field_name)] if bound.sub_field_name else []
        return _text((self._element(), below))

    def _among(self, bound: AttributeBinding, op: CompareOperator, value: Any) -> str:
        items, item = self._items(bound), self._item(bound)
        if value is None:
            whole = _json((self.node, keys(self.model, bound)[: -1 if bound.sub_field_name else None]))
            lacking = f"EXISTS (SELECT FROM {items} WHERE {item} IS NULL)"
            if op == CompareOperator.eq:
                return f"({whole} IS NULL OR {lacking})"
            return f"({whole} IS NOT NULL AND NOT {lacking})" if op == CompareOperator.ne else NOTHING
        if op == CompareOperator.ne:
            return f"NOT EXISTS (SELECT FROM {items} WHERE {self._compared(item, bound, CompareOperator.eq, value)})"
        return f"EXISTS (SELECT FROM {items} WHERE {self._compared(item, bound, op, value)})"

    def _compared(self, found: str, bound: AttributeBinding, op: CompareOperator, value: Any) -> str:
        """One text of a document against a value."""
        if value is None:
            is_null = {CompareOperator.eq: f"{found} IS NULL", CompareOperator.ne: f"{found} IS NOT NULL"}
            return is_null.get(op, NOTHING)
        if op in {CompareOperator.co, CompareOperator.sw, CompareOperator.ew}:
            return self._fragment(found, bound, op, value)
        left, right = typed(found, bound), self._value(bound, value)
        if op == CompareOperator.eq:
            return f"coalesce({left} = {right}, false)"
        if op == CompareOperator.ne:
            return f"({left} IS DISTINCT FROM {right})"
        return f"coalesce({left} {ORDERINGS[op.value]} {right}, false)"

    def _fragment(self, found: str, bound: AttributeBinding, op: CompareOperator, value: Any) -> str:
        if not isinstance(value, str) or not _is_text(bound):
            return NOTHING
        left, right = typed(found, bound), self._value(bound, value)
        if op == CompareOperator.co:
            return f"coalesce(strpos({left}, {right}) > 0, false)"
        if op == CompareOperator.sw:
            return f"coalesce(starts_with({left}, {right}), false)"
        return f"coalesce(right({left}, length({right})) = {right}, false)"

    def _value(self, bound: AttributeBinding, value: Any) -> str:
        """The parameter that a value becomes, in the form in which the attribute is compared."""
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        name = f"value_{len(self.values)}"
        if isinstance(value, bool | datetime):
            self.values[name] = value
            return f"CAST(:{name} AS {'boolean' if isinstance(value, bool) else 'timestamptz'})"
        self.values[name] = str(value).replace("\x00", "\ufffd")
        return typed(f"CAST(:{name} AS text)", bound)


class Scalars(FilterVisitor[str]):
    """A filter on the values of a list of plain texts, which are addressed as `value`."""

    def __init__(self, outer: Condition, bound: AttributeBinding) -> None:
        self.outer, self.bound = outer, bound

    def visit_logical_expr(self, node: LogicalExpr) -> str:
        """All or any."""
        word = " AND " if node.op == LogicalOperator.and_ else " OR "
        return "(" + word.join(self.visit(term) for term in node.terms) + ")"

    def visit_not(self, node: Not) -> str:
        """The contrary."""
        return f"NOT {self.visit(node.expr)}"

    def visit_comparison(self, node: Comparison) -> str:
        """The value itself."""
        if node.attr_path.attr.lower() != "value" or not isinstance(node.value, str):
            return NOTHING
        return self.outer._compared(f"({self.outer._element()} #>> '{{}}')", self.bound, node.op, node.value)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    def visit_present(self, node: Present) -> str:
        """Any value."""
        return "true" if node.attr_path.attr.lower() == "value" else NOTHING

    def visit_value_path(self, node: ValuePath) -> str:
        """Nothing stands below a plain text."""
        _ = node
        return NOTHING


def condition(model: Any, node: FilterNode, values: dict[str, Any]) -> str:
    """A filter as SQL on `document`; its parameters go into `values`."""
    return Condition(model, "document", values).visit(node)


def order(model: Any, asked: SearchRequest[Any]) -> str:
    """The order that was asked for as SQL: of a list its primary value counts, else the first one."""
    bound = asked.sort_binding(model)
    if bound is None:
        return "id"
    found = _text(("document", keys(model, bound)))
    if bound.is_multivalued:
        whole = _json(("document", keys(model, bound)[: -1 if bound.sub_field_name else None]))
        below = [name_of(bound.field_type, bound.sub_field_name)] if bound.sub_field_name else []
        first = f"""(SELECT {_text(("item", below))} FROM jsonb_array_elements({whole}) WITH ORDINALITY AS e (item, at)
                      ORDER BY item -> 'primary' = 'true' DESC NULLS LAST, at LIMIT 1)"""  # noqa: S608
        found = f"CASE jsonb_typeof({whole}) WHEN 'array' THEN {first} END"
    descending = asked.sort_order == SearchRequest.SortOrder.descending
    return f"{typed(f'({found})', bound)} {'DESC NULLS FIRST' if descending else 'ASC NULLS LAST'}, id"


def keys(model: Any, bound: AttributeBinding) -> list[str]:
    """Where an attribute stands in a document of `model`."""
    extension = getattr(bound.model, "__schema__", None)
    own = getattr(model, "__schema__", None)
    outer = [str(extension)] if extension and own and str(extension) != str(own) else []
    below = [name_of(bound.field_type, bound.sub_field_name)] if bound.sub_field_name else []
    return [*outer, name_of(bound.model, bound.field_name), *below]


def name_of(model: Any, field: str) -> str:
    """An attribute's name in JSON."""
    declared = model.model_fields[field]
    return declared.serialization_alias or field


def typed(found: str, bound: AttributeBinding) -> str:
    """A text in the form in which values of the attribute are compared."""
    kind = bound.target_type
    if kind is bool:
        return f"CAST({found} AS boolean)"
    if kind in {int, float}:
        return f"CAST({found} AS numeric)"
    if kind is datetime:
        return f"CAST({found} AS timestamptz)"
    folded = found if bound.case_exact else f"lower({found} {COLLATION})"
    return f"(normalize({folded}, NFC) {COLLATION})"


def _is_text(bound: AttributeBinding) -> bool:
    return bound.target_type not in {bool, int, float, datetime, bytes}


def _json(where: tuple[str, list[str]]) -> str:
    return f"({where[0]} #> ARRAY[{_names(where[1])}]::text[])"


def _text(where: tuple[str, list[str]]) -> str:
    return f"({where[0]} #>> ARRAY[{_names(where[1])}]::text[])"


def _names(names: list[str]) -> str:
    """Names of attributes as literals: they come from the schemas, never from a request."""
    return ", ".join(f"'{name}'" for name in names)
