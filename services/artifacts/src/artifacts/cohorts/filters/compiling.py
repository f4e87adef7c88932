"""Filters as one SQL statement, by set algebra.

A node is a predicate on a person's row, or a set of ids, or everybody but such a set. Predicates next to each other
become one expression; `AND` meets sets by semi-joins and takes complements away by anti-joins; `OR` unites them, and
with a complement among them it is the complement of what all complements share less the rest. Questions about the
same events share one aggregate. The answer are ids of the tenant's persons who have not been removed.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from artifacts.cohorts.filters.behaviour import Asked, Followed, after, followed, question, regular, rows
from artifacts.cohorts.filters.conditions import EMPTY_GROUP, Unsupported, condition
from artifacts.cohorts.filters.nodes import Behavioral, CohortLeaf, Group, Leaf, Node, PersonLeaf
from artifacts.cohorts.filters.reading import leaves
from artifacts.cohorts.filters.values import Statement, Values

EVERYBODY = "SELECT p.id FROM persons p WHERE p.organization_id = {organization} AND p.removed_at IS NULL"
MEMBERS = """
SELECT m.profile_id AS id FROM cohort_members m JOIN cohorts c ON c.id = m.cohort_id
 WHERE c.organization_id = {organization} AND c.number = {number} AND c.deleted_at IS NULL AND m.until IS NULL"""


class Rule(msgspec.Struct, frozen=True):
    """A predicate on `p`; NULL is as good as false."""

    sql: str

    def opposite(self) -> "Rule":
        """Everybody else."""
        return Rule(f"({self.sql}) IS NOT TRUE")


class Ids(msgspec.Struct, frozen=True):
    """A SELECT of `id`, or everybody but those."""

    sql: str
    complement: bool = False

    def opposite(self) -> "Ids":
        """Everybody else."""
        return Ids(self.sql, not self.complement)


class Meet(msgspec.Struct, frozen=True):
    """Persons of whom all rules are true, who are in all of `within` and in none of `without`."""

    rules: tuple[str, ...]
    within: tuple[str, ...]
    without: tuple[str, ...]


Term = Rule | Ids | Meet


def whole(group: Group, organization_id: UUID) -> Statement:
    """A SELECT of `id`: all persons of a cohort. Raises Unsupported for what cannot be calculated."""
    values = Values()
    compiler = _Whole(organization_id, values)
    compiler.share(leaves(group))
    chosen = compiler.everybody(_meet([compiler.term(group)]))
    scans = ", ".join(f"{name} AS ({sql})" for name, sql in compiler.scans.items())
    return values.statement(f"WITH {scans} {chosen}" if scans else chosen)


class _Whole:
    """Writes sets."""

    def __init__(self, organization_id: UUID, values: Values) -> None:
        self.values = values
        self.organization = values.add(organization_id, "uuid")
        self.who = f"e.organization_id = {self.organization}"
        self.scans: dict[str, str] = {}
        self._shared: dict[Behavioral, str] = {}

    def share(self, asked: Iterable[Leaf]) -> None:
        """Let leaves that ask of the same events read them once."""
        together: dict[tuple[str, str], dict[Behavioral, Asked]] = {}
        for leaf in asked:
            if isinstance(leaf, Behavioral) and isinstance(one := question(leaf), Asked):
                together.setdefault((one.event, repr(one.filters)), {})[_plain(leaf)] = one
        for several in together.values():
            if len(several) > 1:
                self._scan(several)

    def _scan(self, several: dict[Behavioral, Asked]) -> None:
        first = next(iter(several.values()))
        name = f"scan{len(self.scans)}"
        columns = [f"({one.having(self.values, ())}) AS q{place}" for place, one in enumerate(several.values())]
        asked = several.values()
        since = () if any(not one.since for one in asked) else [edge for one in asked for edge in one.since]
        self.scans[name] = (
            f"SELECT e.person_id, {', '.join(columns)} FROM events e WHERE {self.who} "  # noqa: S608 values are parameters
            f"AND {rows(first.event, first.filters, self.values)}{after(since, self.values)} GROUP BY e.person_id"
        )
        for place, leaf in enumerate(several):
            self._shared[leaf] = f"SELECT person_id AS id FROM {name} WHERE q{place}"  # noqa: S608

    def term(self, node: Node) -> Term:
        """What a node stands for."""
        if isinstance(node, Group):
            if not node.values:
                raise Unsupported(EMPTY_GROUP)
            terms = [self.term(child) for child in node.values]
            return _simplified(_meet(terms)) if node.type == "AND" else self._union(terms)
        found = self._leaf(node)
        return found.opposite() if node.negation else found

    def _leaf(self, leaf: Leaf) -> Rule | Ids:
        if isinstance(leaf, PersonLeaf):
            return Rule(condition("p.properties", leaf.key, leaf.operator, leaf.value, self.values))
        if isinstance(leaf, CohortLeaf):
            number = self.values.add(leaf.value, "bigint")
            return Ids(MEMBERS.format(organization=self.organization, number=number))
        asked = question(leaf)
        if isinstance(asked, Asked):
            return Ids(self._shared.get(_plain(leaf)) or self._asked(asked), asked.complement)
        if isinstance(asked, Followed):
            return Ids(followed(asked, self.who, self.values))
        return Ids(regular(asked, self.who, self.values), asked.complement)

    def _asked(self, asked: Asked) -> str:
        having = "" if asked.once else f" HAVING {asked.having(self.values, asked.since)}"
        which = f"{rows(asked.event, asked.filters, self.values)}{after(asked.since, self.values)}"
        chosen = f"SELECT e.person_id AS id FROM events e WHERE {self.who} AND {which}"  # noqa: S608
        return f"{chosen} GROUP BY e.person_id{having}"

    def everybody(self, meet: Meet) -> str:
        """The tenant's persons of a meet."""
        return " AND ".join([EVERYBODY.format(organization=self.organization), *_conditions(meet, "p")])

    def _union(self, terms: list[Term]) -> Term:
        rules = [one.sql for one in terms if isinstance(one, Rule)]
        rest = [_closed(one, self) for one in terms if not isinstance(one, Rule)]
        rule = " OR ".join(f"({sql})" for sql in rules)
        if not rest:
            return Rule(rule)
        sets = [one.sql for one in rest if not one.complement]
        complements = [one.sql for one in rest if one.complement]
        if not complements:
            return Ids(_united([*sets, *([self.everybody(Meet((rule,), (), ()))] if rules else [])]))
        missing = Meet((f"({rule}) IS NOT TRUE",) if rules else (), tuple(complements), tuple(sets))
        return Ids(_select(missing, self), complement=True)


def _plain(leaf: Behavioral) -> Behavioral:
    """The leaf without its negation, hashable."""
    return msgspec.structs.replace(leaf, negation=False, event_filters=repr(leaf.event_filters))


def _meet(terms: Iterable[Term]) -> Meet:
    rules: list[str] = []
    within: list[str] = []
    without: list[str] = []
    for term in terms:
        if isinstance(term, Rule):
            rules.append(term.sql)
        elif isinstance(term, Meet):
            rules += term.rules
            within += term.within
            without += term.without
        else:
            (without if term.complement else within).append(term.sql)
    return Meet(tuple(rules), tuple(within), tuple(without))


def _simplified(meet: Meet) -> Term:
    """A meet of rules alone is a rule; one of complements alone is the complement of their union."""
    if not meet.within and not meet.without:
        return Rule(" AND ".join(f"({sql})" for sql in meet.rules))
    if not meet.rules and not meet.within:
        return Ids(_united(meet.without), complement=True)
    return meet


def _closed(term: Ids | Meet, compiler: _Whole) -> Ids:
    return term if isinstance(term, Ids) else Ids(_select(term, compiler))


def _select(meet: Meet, compiler: _Whole) -> str:
    """A meet as a SELECT; persons are read only where a rule asks for them or nothing else says who there is."""
    if meet.rules or not meet.within:
        return compiler.everybody(meet)
    first, *rest = meet.within
    conditions = _conditions(Meet((), tuple(rest), meet.without), "s")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT s.id FROM ({first}) s{where}"  # noqa: S608 values are parameters


def _conditions(meet: Meet, alias: str) -> list[str]:
    return [
        *(f"({sql})" for sql in meet.rules),
        *(f"{alias}.id IN ({sql})" for sql in meet.within),
        *(f"NOT EXISTS (SELECT 1 FROM ({sql}) n WHERE n.id = {alias}.id)" for sql in meet.without),  # noqa: S608
    ]


def _united(selects: Sequence[str]) -> str:
    return " UNION ALL ".join(f"({sql})" for sql in selects) if len(selects) > 1 else selects[0]
