"""The persons who are in a cohort, a page at a time, however far down.

Their order is that of their ids, newest first where ids follow time. A page without search and conditions begins at
the nearest place that is known (database.Bookmarks): a list's version is its cohort's row version, and whatever changes
who is in a cohort writes that row.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from database import Bookmarks
from kernel import Forbidden, Invalid, NotFound, now

from artifacts.cohorts.filters import CohortLeaf, Group, Node, PersonLeaf
from artifacts.cohorts.filters.conditions import condition
from artifacts.cohorts.filters.moments import Edge, parse_date
from artifacts.cohorts.filters.parsing import effective
from artifacts.cohorts.filters.values import Values
from artifacts.cohorts.projects.schemas import PersonQuery, ProjectPerson
from artifacts.cohorts.queries import LARGEST_NUMBER
from artifacts.matching import like

SCOPE = "person:read"
BOOKMARKS = Bookmarks()
MOST_DISTINCT_IDS = 10
COHORT = """
SELECT id, xmin::text AS revision, member_count, deleted_at IS NOT NULL AS is_deleted
  FROM cohorts WHERE organization_id = $1 AND number = $2
"""
COLUMNS = f"""
p.id, p.properties::text AS properties, p.created_at, p.last_seen_at, p.is_identified,
ARRAY(SELECT d.distinct_id FROM person_distinct_ids d WHERE d.person_id = p.id
       ORDER BY NOT d.is_given, d.distinct_id LIMIT {MOST_DISTINCT_IDS}) AS distinct_ids
"""  # noqa: S608 the text is ours
PAGE = f"""
SELECT {COLUMNS}
  FROM (SELECT m.profile_id FROM cohort_members m
         WHERE m.cohort_id = $1 AND m.until IS NULL{{start}}
         ORDER BY m.profile_id{{order}} LIMIT $2 OFFSET $3) page
  JOIN persons p ON p.id = page.profile_id ORDER BY p.id DESC
"""  # noqa: S608
FORWARDS = PAGE.format(start="", order=" DESC")
BACKWARDS = PAGE.format(start="", order="")
FROM_ONE = PAGE.format(start=" AND m.profile_id <= $4", order=" DESC")
NARROWED = f"""
SELECT {COLUMNS}
  FROM cohort_members m JOIN persons p ON p.id = m.profile_id
 WHERE m.cohort_id = {{cohort}} AND {{conditions}}
 ORDER BY m.profile_id DESC LIMIT {{limit}} OFFSET {{offset}}
"""  # noqa: S608
SEARCHED = (
    "(p.properties ->> 'name' ILIKE {0} OR p.properties ->> 'email' ILIKE {0} OR p.properties ->> 'username' ILIKE {0}"
    " OR p.id::text ILIKE {0}"
    " OR EXISTS (SELECT 1 FROM person_distinct_ids d WHERE d.person_id = p.id AND d.distinct_id ILIKE {0}))"
)
INSIDE = (
    "EXISTS (SELECT 1 FROM cohorts c JOIN cohort_members i ON i.cohort_id = c.id AND i.until IS NULL"
    " WHERE c.organization_id = {} AND c.number = {} AND c.deleted_at IS NULL AND i.profile_id = p.id)"
)


class Place(msgspec.Struct, frozen=True):
    """A cohort as a list of persons. `revision` changes with every write of its row."""

    organization_id: UUID
    id: UUID
    revision: str
    count: int


def demand_scope(principal: Principal) -> None:
    """An API key needs the scope of persons beside that of cohorts. Raises Forbidden."""
    if principal.scopes is not None and SCOPE not in principal.scopes:
        raise Forbidden(f"The credential lacks the scope {SCOPE}.", code="insufficient-scope", meta={"scope": SCOPE})


async def place(runtime: Runtime, organization_id: UUID, number: int) -> Place:
    """A cohort's list. Nobody is in a deleted one. Raises NotFound."""
    row = await runtime.row(COHORT, organization_id, number) if number <= LARGEST_NUMBER else None
    if row is None:
        raise NotFound
    return Place(organization_id, row["id"], row["revision"], 0 if row["is_deleted"] else row["member_count"])


async def page(runtime: Runtime, found: Place, query: PersonQuery, limit: int, offset: int) -> list[ProjectPerson]:
    """A page of persons. Raises Invalid."""
    narrowing = conditions(found, query)
    if found.count <= offset and query.as_of is None:
        return []
    if narrowing is not None:
        return await _narrowed(runtime, found, narrowing, limit, offset)
    key = (found.id, found.revision)
    way = BOOKMARKS.way(key, offset, limit, found.count)
    if way.start is not None:
        rows = await runtime.row.all(FROM_ONE, found.id, way.take, way.skip, way.start)
    else:
        rows = await runtime.row.all(BACKWARDS if way.backwards else FORWARDS, found.id, way.take, way.skip)
    if way.backwards and not await _stands(runtime, found):
        rows = await runtime.row.all(FORWARDS, found.id, limit, offset)
    elif rows:
        BOOKMARKS.note(key, offset, len(rows), rows[0]["id"], rows[-1]["id"])
    return [_person(row) for row in rows]


async def _stands(runtime: Runtime, found: Place) -> bool:
    """Whether the list is still as it was when its rows were counted."""
    row = await runtime.row("SELECT xmin::text AS revision FROM cohorts WHERE id = $1", found.id)
    return row is not None and row["revision"] == found.revision


async def every(
    runtime: Runtime, found: Place, query: PersonQuery, most: int
) -> AsyncIterator[Sequence[ProjectPerson]]:
    """All persons, at most so many, some at a time. Raises Invalid."""
    narrowing, after = conditions(found, query), None
    left = most if found.count or query.as_of else 0
    offset = query.offset
    while left > 0:
        several = min(left, 1000)
        if narrowing is not None:
            rows = await _narrowed(runtime, found, narrowing, several, offset, after)
        elif after is not None:
            raw = await runtime.row.all(FROM_ONE, found.id, several, 1, after)
            rows = [_person(row) for row in raw]
        else:
            rows = [_person(row) for row in await runtime.row.all(FORWARDS, found.id, several, offset)]
        if not rows:
            return
        yield rows
        after, offset, left = rows[-1].id, 0, left - len(rows)


Narrowing = tuple[str, list[Any]]
"""SQL of conditions on `p` and its parameters, `$1` on."""


def conditions(found: Place, query: PersonQuery) -> Narrowing | None:
    """What the search and the conditions ask of a person; None where they ask nothing. Raises Invalid."""
    values, needed = Values(), list[str]()
    if query.search and (pattern := like(query.search)):
        needed.append(SEARCHED.format(values.add(pattern, "text")))
    if query.properties:
        needed += _asked(query.properties, found, values)
    if query.as_of:
        at = values.moment(_moment(query.as_of))
        needed.append(f"m.since <= {at} AND (m.until IS NULL OR m.until > {at})")
    elif needed:
        needed.append("m.until IS NULL")
    if not needed:
        return None
    statement = values.statement(" AND ".join(f"({one})" for one in needed))
    return statement.sql, statement.bind(now())


def _moment(text: str) -> Edge:
    edge = parse_date(text)
    if edge is None:
        raise Invalid("as_of must be a date of ISO 8601, or a relative one as -7d.", parameter="as_of")
    return edge


def _asked(text: str, found: Place, values: Values) -> list[str]:
    try:
        items = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise Invalid("properties must be a JSON array of conditions.", parameter="properties") from None
    if not isinstance(items, list):
        raise Invalid("properties must be a JSON array of conditions.", parameter="properties")
    if not items:
        return []
    try:
        return [_condition(node, found, values) for node in effective(None, [{"properties": items}]).values]
    except Invalid as error:
        raise Invalid(error.detail, parameter="properties") from None


def _condition(node: Node, found: Place, values: Values) -> str:
    if isinstance(node, Group):
        if not node.values:
            return "true"
        glue = " AND " if node.type == "AND" else " OR "
        return glue.join(f"({_condition(one, found, values)})" for one in node.values)
    if isinstance(node, PersonLeaf):
        written = condition("p.properties", node.key, node.operator, node.value, values)
    elif isinstance(node, CohortLeaf):
        own, number = values.add(found.organization_id, "uuid"), values.add(node.value, "bigint")
        written = INSIDE.format(own, number)
    else:
        raise Invalid("Persons are narrowed by properties and cohorts.", parameter="properties")
    return f"({written}) IS NOT TRUE" if node.negation else written


async def _narrowed(
    runtime: Runtime, found: Place, narrowing: Narrowing, limit: int, offset: int, after: UUID | None = None
) -> list[ProjectPerson]:
    written, parameters = narrowing
    given: list[Any] = [*parameters, found.id, limit, offset]
    first = len(parameters) + 1
    if after is not None:
        given.append(after)
        written = f"{written} AND m.profile_id < ${first + 3}"
    sql = NARROWED.format(cohort=f"${first}", conditions=written, limit=f"${first + 1}", offset=f"${first + 2}")
    return [_person(row) for row in await runtime.row.all(sql, *given)]


def _person(row: Any) -> ProjectPerson:
    properties = msgspec.json.decode(row.properties, type=dict[str, Any])
    names = (properties.get(name) for name in ("name", "email", "username"))
    called = next((one for one in names if isinstance(one, str) and one), None)
    return ProjectPerson(
        id=row.id,
        uuid=row.id,
        name=called or next(iter(row.distinct_ids), str(row.id)),
        distinct_ids=row.distinct_ids,
        properties=properties,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        is_identified=row.is_identified,
    )
