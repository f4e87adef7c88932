"""Filters of many cohorts as one statement about a few persons.

Each cohort is an expression over a person's row; events and members are asked for that person alone. What several
cohorts ask of them is asked once.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from artifacts.cohorts.filters.behaviour import Asked, Followed, after, followed, question, regular, rows
from artifacts.cohorts.filters.conditions import EMPTY_GROUP, Unsupported, condition
from artifacts.cohorts.filters.nodes import CohortLeaf, Group, Leaf, Node, PersonLeaf
from artifacts.cohorts.filters.reading import leaves
from artifacts.cohorts.filters.values import Values

PERSONS = "persons"
"""Stands among the parameters for the persons who are asked about."""
MOST_SHARED = 1500
"""PostgreSQL's limit of columns is 1664."""
MEMBER = """EXISTS (SELECT 1 FROM cohort_members m JOIN cohorts c ON c.id = m.cohort_id
         WHERE c.organization_id = {organization} AND c.number = {number} AND c.deleted_at IS NULL
           AND m.profile_id = p.id AND m.until IS NULL)"""


def judged(cohorts: Sequence[tuple[UUID, Group]], organization_id: UUID, values: Values) -> str:
    """A SELECT of `cohort_id`, `person_id` and `belongs`: for each cohort and person whether they belong to it.

    Persons are given as the parameter PERSONS. Raises Unsupported for what cannot be calculated.
    """
    judge = _Judge(organization_id, values)
    persons = values.add(PERSONS, "uuid[]")
    shared = judge.share([leaf for _, group in cohorts for leaf in leaves(group)])
    rules = ", ".join(judge.rule(group) for _, group in cohorts)
    ids = values.add([cohort_id for cohort_id, _ in cohorts], "uuid[]")
    return f"""
SELECT one.cohort_id, p.id AS person_id, COALESCE(one.belongs, false) AND p.removed_at IS NULL AS belongs
  FROM persons p {shared} CROSS JOIN LATERAL unnest({ids}, ARRAY[{rules}]::boolean[]) AS one (cohort_id, belongs)
 WHERE p.organization_id = {judge.organization} AND p.id = ANY({persons})"""  # noqa: S608 values are parameters


class _Judge:
    """Writes predicates on `p`."""

    def __init__(self, organization_id: UUID, values: Values) -> None:
        self.values = values
        self.organization = values.add(organization_id, "uuid")
        self.who = f"e.person_id = p.id AND e.organization_id = {self.organization}"
        self._shared: dict[str, str] = {}

    def share(self, asked: Sequence[Leaf]) -> str:
        """Ask once what several cohorts ask of events and members."""
        written = Counter(self._leaf(leaf) for leaf in asked if not isinstance(leaf, PersonLeaf))
        several = [sql for sql, times in written.most_common(MOST_SHARED) if times > 1]
        self._shared = {sql: f"shared.b{place}" for place, sql in enumerate(several)}
        columns = ", ".join(f"{sql} AS b{place}" for place, sql in enumerate(several))
        return f"CROSS JOIN LATERAL (SELECT {columns} OFFSET 0) shared" if several else ""

    def rule(self, node: Node) -> str:
        """The predicate of a node; NULL is as good as false."""
        if isinstance(node, Group):
            if not node.values:
                raise Unsupported(EMPTY_GROUP)
            return f" {node.type} ".join(self.rule(child) for child in node.values).join("()")
        sql = self._leaf(node)
        sql = self._shared.get(sql, sql)
        return f"(({sql}) IS NOT TRUE)" if node.negation else f"({sql})"

    def _leaf(self, leaf: Leaf) -> str:
        if isinstance(leaf, PersonLeaf):
            return condition("p.properties", leaf.key, leaf.operator, leaf.value, self.values)
        if isinstance(leaf, CohortLeaf):
            return MEMBER.format(organization=self.organization, number=self.values.add(leaf.value, "bigint"))
        asked = question(leaf)
        if isinstance(asked, Asked):
            return f"{'NOT ' if asked.complement else ''}EXISTS ({self._asked(asked)})"
        if isinstance(asked, Followed):
            return f"EXISTS ({followed(asked, self.who, self.values)})"
        return f"{'NOT ' if asked.complement else ''}EXISTS ({regular(asked, self.who, self.values)})"

    def _asked(self, asked: Asked) -> str:
        having = "" if asked.once else f" GROUP BY e.person_id HAVING {asked.having(self.values, asked.since)}"
        return (
            f"SELECT 1 FROM events e WHERE {self.who} "  # noqa: S608 values are parameters
            f"AND {rows(asked.event, asked.filters, self.values)}{after(asked.since, self.values)}{having}"
        )
