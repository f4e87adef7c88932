"""Filters of many cohorts as one statement about a few persons.

Each different condition is asked of a person once, and conditions of one form together; a cohort is an expression
over the answers. Events and members are asked for that person alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

from artifacts.cohorts.filters.behaviour import Asked, Followed, after, followed, question, regular, rows
from artifacts.cohorts.filters.conditions import EMPTY_GROUP, Unsupported, condition
from artifacts.cohorts.filters.forms import Forms
from artifacts.cohorts.filters.nodes import CohortLeaf, Group, Leaf, Node, PersonLeaf
from artifacts.cohorts.filters.reading import leaves
from artifacts.cohorts.filters.values import Values

PERSONS = "persons"
"""Stands among the parameters for the persons who are asked about."""
ANSWERS = "ARRAY(SELECT COALESCE({sql}, false) FROM {table} WITH ORDINALITY AS leaf ({columns}, place) ORDER BY place)"
BELONGING = "SELECT rule.c0, {sql} FROM {table} AS rule ({columns})"
MEMBER = """EXISTS (SELECT 1 FROM cohort_members m JOIN cohorts c ON c.id = m.cohort_id
         WHERE c.organization_id = {organization} AND c.number = {number} AND c.deleted_at IS NULL
           AND m.profile_id = p.id AND m.until IS NULL)"""


def judged(cohorts: Sequence[tuple[UUID, Group]], organization_id: UUID, values: Values) -> str:
    """A SELECT of `cohort_id`, `person_id` and `belongs`: for each cohort and person whether they belong to it.

    Persons are given as the parameter PERSONS. Raises Unsupported for what cannot be calculated.
    """
    organization, persons = values.add(organization_id, "uuid"), values.add(PERSONS, "uuid[]")
    conditions, rules = Forms("leaf", values), Forms("rule", values)
    asked = [[conditions.add(_asking(leaf, organization)) for leaf in leaves(group)] for _, group in cohorts]
    before = conditions.before()
    for (cohort_id, group), several in zip(cohorts, asked, strict=True):
        rules.add(_ruling(cohort_id, group, [before[form] + place for form, place in several]))
    answers = " || ".join(ANSWERS.format(**parts) for parts in conditions.parts())
    belonging = " UNION ALL ".join(BELONGING.format(**parts) for parts in rules.parts())
    return f"""
SELECT one.cohort_id, p.id AS person_id, one.belongs AND p.removed_at IS NULL AS belongs
  FROM persons p CROSS JOIN LATERAL (SELECT {answers} AS answers OFFSET 0) asked
 CROSS JOIN LATERAL ({belonging}) AS one (cohort_id, belongs)
 WHERE p.organization_id = {organization} AND p.id = ANY({persons})"""  # noqa: S608 values are parameters


def _asking(leaf: Leaf, organization: str) -> Callable[[Values], str]:
    """Writes a condition on `p`; NULL is as good as false."""

    def write(values: Values) -> str:
        if isinstance(leaf, PersonLeaf):
            return condition("p.properties", leaf.key, leaf.operator, leaf.value, values)
        if isinstance(leaf, CohortLeaf):
            return MEMBER.format(organization=organization, number=values.add(leaf.value, "bigint"))
        who, asked = f"e.person_id = p.id AND e.organization_id = {organization}", question(leaf)
        if isinstance(asked, Followed):
            return f"EXISTS ({followed(asked, who, values)})"
        found = _events(asked, who, values) if isinstance(asked, Asked) else regular(asked, who, values)
        return f"{'NOT ' if asked.complement else ''}EXISTS ({found})"

    return write


def _events(asked: Asked, who: str, values: Values) -> str:
    having = "" if asked.once else f" GROUP BY e.person_id HAVING {asked.having(values, asked.since)}"
    return (
        f"SELECT 1 FROM events e WHERE {who} "  # noqa: S608 values are parameters
        f"AND {rows(asked.event, asked.filters, values)}{after(asked.since, values)}{having}"
    )


def _ruling(cohort_id: UUID, group: Group, places: Iterable[int]) -> Callable[[Values], str]:
    """Writes a cohort's expression over the answers at some places, one for each leaf from left to right."""

    def write(values: Values) -> str:
        values.add(cohort_id, "uuid")
        return _rule(group, iter(places), values)

    return write


def _rule(node: Node, places: Iterator[int], values: Values) -> str:
    if isinstance(node, Group):
        if not node.values:
            raise Unsupported(EMPTY_GROUP)
        return f" {node.type} ".join(_rule(child, places, values) for child in node.values).join("()")
    answer = f"asked.answers[{values.add(next(places), 'int')}]"
    return f"NOT {answer}" if node.negation else answer
