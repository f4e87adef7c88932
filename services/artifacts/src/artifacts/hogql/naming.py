"""Names in a query's tree."""

from typing import Any

from sqlglot import exp

from artifacts.hogql.errors import unsupported


def parts_of(node: Any) -> list[str]:
    """The names of a dotted name."""
    if isinstance(node, exp.Dot):
        if not isinstance(node.expression, exp.Identifier):
            raise unsupported("This way into a value")
        return [*parts_of(node.this), node.expression.this]
    if not isinstance(node, exp.Column):
        raise unsupported(named(node))
    parts = [node.args.get(name) for name in ("catalog", "db", "table", "this")]
    if not all(part is None or isinstance(part, exp.Identifier) for part in parts):
        raise unsupported("This name")
    return [str(part.this) for part in parts if part is not None]


def named(node: Any) -> str:
    """What a node is called in an error."""
    return type(node).__name__.upper() if isinstance(node, exp.Expr) else "This"
