"""The queries of static cohorts: HogQLQuery and ActorsQuery."""

from typing import Any
from uuid import UUID

import msgspec

from artifacts.hogql.errors import NotUnderstood, unsupported
from artifacts.hogql.parsing import parse
from artifacts.hogql.scopes import Bound, Scope, Selected
from artifacts.hogql.selecting import persons, select

IGNORED = frozenset({"kind", "query", "name", "response", "modifiers", "explain", "tags", "version"})
"""Of a HogQLQuery; what it says beside these and is not empty is refused."""
OF_ACTORS = frozenset(
    {"kind", "source", "select", "response", "modifiers", "tags", "version", "orderBy", "limit", "offset"}
)
"""Which columns a list of persons would show, and in which order, says nothing of who is in it."""
CONDITIONS = ("properties", "fixedProperties")


class Compiled(msgspec.Struct, frozen=True):
    """A statement that selects `person_id`, each once, with its parameters."""

    sql: str
    parameters: dict[str, Any]


def compile_query(query: Any, organization_id: UUID) -> Compiled:
    """The persons of a query, within one organization. Raises NotUnderstood, which names what is not supported."""
    if not isinstance(query, dict):
        raise NotUnderstood("Query must be a dictionary.")
    kind = query.get("kind")
    if kind == "HogQLQuery":
        return _of_hogql(query, organization_id)
    if kind == "ActorsQuery":
        return _of_actors(query, organization_id)
    raise NotUnderstood(f"Query must be an ActorsQuery or HogQLQuery. Got: {str(kind)[:60]}")


def conditions_of(query: Any) -> tuple[Any, list[Any]]:
    """An ActorsQuery without `properties` and `fixedProperties`, and these: filters of persons, all of which hold."""
    if not isinstance(query, dict) or query.get("kind") != "ActorsQuery":
        return query, []
    found: list[Any] = []
    for name in CONDITIONS:
        part = query.get(name) or []
        found += part if isinstance(part, list) else [part]
    return {name: value for name, value in query.items() if name not in CONDITIONS}, found


def _of_hogql(query: dict[str, Any], organization_id: UUID) -> Compiled:
    _check_members(query, IGNORED)
    written = query.get("query")
    if not isinstance(written, str):
        raise NotUnderstood("A HogQLQuery has its text in `query`.")
    bound = Bound()
    try:
        found: Selected = select(parse(written), Scope(bound, {}))
        sql = persons(found)
    except RecursionError as error:
        raise unsupported("Nesting this deep") from error
    return Compiled(sql, bound.values | {"organization_id": organization_id})


def _of_actors(query: dict[str, Any], organization_id: UUID) -> Compiled:
    _check_members(query, OF_ACTORS)
    for name in ("limit", "offset"):
        if query.get(name):
            raise unsupported(f"An ActorsQuery with {name}")
    source = query.get("source")
    if source is None:
        return _of_hogql({"kind": "HogQLQuery", "query": "SELECT id FROM persons"}, organization_id)
    if isinstance(source, dict) and source.get("kind") in {"HogQLQuery", "ActorsQuery"}:
        return compile_query(source, organization_id)
    named = source.get("kind") if isinstance(source, dict) else type(source).__name__
    raise unsupported(f"An ActorsQuery whose source is {str(named)[:60]}")


def _check_members(query: dict[str, Any], known: frozenset[str]) -> None:
    for name, value in query.items():
        if name not in known and value not in (None, [], {}, ""):
            raise unsupported(f"{query['kind']} with {str(name)[:60]}")
