"""Selects: what they read, what they keep, and what they give."""

from typing import Any

from sqlglot import exp

from artifacts.hogql.errors import NotUnderstood, unsupported
from artifacts.hogql.expressions import Expressions
from artifacts.hogql.naming import named
from artifacts.hogql.scopes import Scope, Selected
from artifacts.hogql.sources import PEOPLE, TABLES, Source
from artifacts.hogql.values import Value, as_kind, common

MOST_SOURCES = 6
MOST_COLUMNS = 50
MOST_ROWS = 10_000_000
WANTED = ("actor_id", "person_id", "id")
"""Names of columns that hold persons, the surest first."""
PARTS = frozenset(
    {"expressions", "distinct", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "with_"}
)
SETS = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}


def select(node: Any, outer: Scope) -> Selected:
    """A select, or several that are combined. It sees the selects that `WITH` names, and no rows around it."""
    if isinstance(node, exp.Subquery):
        _only(node, {"this"})
        return select(node.this, outer)
    scope = Scope(outer.bound, {**outer.tables, **_named(node, outer)})
    if type(node) in SETS:
        return _combined(node, scope)
    if not isinstance(node, exp.Select):
        raise unsupported(named(node))
    return _select(node, scope)


def _named(node: Any, outer: Scope) -> dict[str, Selected]:
    found: dict[str, Selected] = {}
    clause = node.args.get("with_")
    if clause is None:
        return found
    _only(clause, {"expressions"})
    for table in clause.expressions:
        _only(table, {"this", "alias"})
        alias = table.args["alias"]
        _only(alias, {"this"})
        found[str(alias.this.this)] = select(table.this, Scope(outer.bound, {**outer.tables, **found}))
    return found


def _combined(node: Any, scope: Scope) -> Selected:
    _only(node, {"this", "expression", "distinct", "with_"})
    one, other = select(node.this, scope), select(node.expression, scope)
    if len(one.kinds) != len(other.kinds):
        raise NotUnderstood("Selects that are combined have as many columns as each other.")
    kinds = [
        common([Value(sql="", kind=kind), Value(sql="", kind=their)])
        for kind, their in zip(one.kinds, other.kinds, strict=True)
    ]
    sides = [
        "SELECT "  # noqa: S608 nothing in it is the caller's
        + ", ".join(
            f"{as_kind(Value(sql=f'q.c{place}', kind=own), kind)} AS c{place}"
            for place, (own, kind) in enumerate(zip(side.kinds, kinds, strict=True), 1)
        )
        + f" FROM ({side.sql}) AS q"
        for side in (one, other)
    ]
    sign = SETS[type(node)] + ("" if node.args.get("distinct") or not isinstance(node, exp.Union) else " ALL")
    return Selected(
        f"({sides[0]}) {sign} ({sides[1]})", one.names, kinds, one.person if one.person == other.person else None
    )


def _select(node: Any, scope: Scope) -> Selected:
    _only(node, PARTS)
    if node.args.get("from_") is None:
        raise NotUnderstood("Select from persons or events.")
    joins = _read(node, scope)
    expressions = Expressions(scope, select)
    scope.aliases = {part.args["alias"].this: part.this for part in node.expressions if isinstance(part, exp.Alias)}
    if not 0 < len(node.expressions) <= MOST_COLUMNS:
        raise unsupported(f"A select of no column, or more than {MOST_COLUMNS},")
    columns = [_column(expressions, part) for part in node.expressions]
    names, values = [name for name, _ in columns], [value for _, value in columns]
    person = next((names.index(name) for name in WANTED if name in names), None)
    is_grouped = node.args.get("group") is not None or any(value.is_aggregate for value in values)
    if person is None and not is_grouped and not node.args.get("distinct") and (own := _person(scope)) is not None:
        names.append(None)
        values.append(own)
        person = len(names) - 1
    tail = _tail(node, expressions)
    shown = ", ".join(
        f"{value.sql if value.kind != 'null' else 'CAST(NULL AS text)'} AS c{place}"
        for place, value in enumerate(values, 1)
    )
    distinct = "DISTINCT " if node.args.get("distinct") else ""
    ons = [f" ON {expressions.condition(on)}" if on is not None else "" for _, on in joins]
    joined = " ".join(
        f"{how}{source.rendered()}{on}" for (how, _), source, on in zip(joins, scope.sources, ons, strict=True)
    )
    sql = f"SELECT {distinct}{shown} FROM {joined}{tail}"  # noqa: S608 nothing in it is the caller's
    return Selected(sql, names, ["text" if value.kind == "null" else value.kind for value in values], person)


def _read(node: Any, scope: Scope) -> list[tuple[str, Any]]:
    """Note the sources of a select. Returns for each how it is joined, and the condition."""
    clause = node.args["from_"]
    _only(clause, {"this"})
    found: list[tuple[str, Any]] = [("", None)]
    _add(clause.this, scope)
    for join in node.args.get("joins") or ():
        _only(join, {"this", "on", "side", "kind"})
        side, kind, on = str(join.args.get("side") or ""), str(join.args.get("kind") or ""), join.args.get("on")
        if on is None or side not in {"", "LEFT"} or kind not in {"", "INNER", "OUTER"}:
            raise unsupported("Any join but JOIN … ON and LEFT JOIN … ON")
        found.append(("LEFT JOIN " if side else "JOIN ", on))
        _add(join.this, scope)
    if len(found) > MOST_SOURCES:
        raise unsupported(f"A select from more than {MOST_SOURCES} tables")
    return found


def _add(node: Any, scope: Scope) -> None:
    alias = node.args.get("alias")
    if alias is not None:
        _only(alias, {"this"})
    if isinstance(node, exp.Subquery):
        _only(node, {"this", "alias"})
        source = _of_select(select(node.this, scope), scope)
    elif isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        _only(node, {"this", "alias"})
        source = _table(str(node.this.this), scope)
    else:
        raise unsupported(f"Reading from {named(node)}")
    source.alias = str(alias.this.this) if alias is not None else source.alias
    if source.alias is not None and any(other.alias == source.alias for other in scope.sources):
        raise NotUnderstood(f"Two tables are named {source.alias[:60]}.")
    scope.sources.append(source)


def _table(name: str, scope: Scope) -> Source:
    if name in scope.tables:
        source = _of_select(scope.tables[name], scope)
        source.alias = name
        return source
    if name not in TABLES:
        raise NotUnderstood(f"There is no table {name[:60]}; there are {', '.join(TABLES)}.")
    columns, table = TABLES[name]
    own = {asked: (column, kind) for asked, (column, kind) in columns.items()}
    return Source(name=scope.bound.name(), table=table, columns=own, alias=name)


def _of_select(found: Selected, scope: Scope) -> Source:
    scope.bound.spend(found.sql)
    return Source(name=scope.bound.name(), table=None, columns=found.columns, sql=found.sql)


def _column(expressions: Expressions, node: Any) -> tuple[str | None, Value]:
    if isinstance(node, exp.Alias):
        return str(node.args["alias"].this), expressions.value(node.this)
    name = None
    if isinstance(node, exp.Column | exp.Dot):
        name = str((node.expression if isinstance(node, exp.Dot) else node.this).this)
    return name, expressions.value(node)


def _person(scope: Scope) -> Value | None:
    """The person behind a row of the first table that has them."""
    for source in scope.sources:
        if source.table in PEOPLE:
            return Value(sql=f"{source.name}.{PEOPLE[source.table]}", kind="uuid")
    return None


def _tail(node: Any, expressions: Expressions) -> str:
    found = ""
    if (where := node.args.get("where")) is not None:
        found += f" WHERE {expressions.condition(where.this)}"
    if (group := node.args.get("group")) is not None:
        _only(group, {"expressions"})
        if not group.expressions or any(isinstance(part, exp.Literal) for part in group.expressions):
            raise unsupported("GROUP BY without columns, or by their places,")
        found += " GROUP BY " + ", ".join(expressions.value(part).sql for part in group.expressions)
    if (having := node.args.get("having")) is not None:
        found += f" HAVING {expressions.condition(having.this)}"
    if (order := node.args.get("order")) is not None:
        _only(order, {"expressions"})
        found += " ORDER BY " + ", ".join(_ordered(expressions, part) for part in order.expressions)
    for name in ("limit", "offset"):
        if (part := node.args.get(name)) is not None:
            _only(part, {"expression"})
            found += f" {name.upper()} {_whole(part.expression)}"
    return found


def _ordered(expressions: Expressions, node: Any) -> str:
    _only(node, {"this", "desc", "nulls_first"})
    if isinstance(node.this, exp.Literal):
        raise unsupported("ORDER BY the place of a column")
    return f"{expressions.value(node.this).sql} {'DESC' if node.args.get('desc') else 'ASC'} NULLS LAST"


def _whole(node: Any) -> int:
    written = node.this if isinstance(node, exp.Literal) and not node.args.get("is_string") else ""
    if not written.isdecimal() or not written.isascii() or len(written) > len(str(MOST_ROWS)):
        raise unsupported("LIMIT or OFFSET by anything but a number")
    return int(written)


def _only(node: Any, allowed: frozenset[str] | set[str]) -> None:
    """Raises NotUnderstood for whatever else a node says."""
    for name, part in node.args.items():
        if part and name not in allowed:
            raise unsupported(f"{named(node)} with {name.strip('_').upper()}")


def persons(found: Selected) -> str:
    """The persons that a select gives, each once, as `person_id`. Raises NotUnderstood where it gives none."""
    if found.person is None:
        raise NotUnderstood("The query gives no persons: select person_id, actor_id or id.")
    kind = found.kinds[found.person]
    own = as_kind(Value(sql=f"q.c{found.person + 1}", kind=kind), "uuid")
    return (
        f"SELECT p.id AS person_id FROM persons p WHERE p.organization_id = CAST(:organization_id AS uuid) "  # noqa: S608
        f"AND p.removed_at IS NULL AND p.id IN (SELECT {own} FROM ({found.sql}) AS q)"
    )


__all__ = ["persons", "select"]
