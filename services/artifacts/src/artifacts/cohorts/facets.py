"""Filters of cohorts and how many cohorts each choice has under the other filters.

The statements are written once for each combination of filters and sent over plain asyncpg: a search has a dozen.
"""

from typing import Any, Literal
from uuid import UUID

import msgspec
from database import Rows, Templates
from sqlalchemy import text

from artifacts.matching import like

MOST_OPTIONS = 100
TEMPLATES = Templates()

Kind = Literal["profile", "simulation", "department"]

CONDITIONS = {
    "search": "(n.value ILIKE :like ESCAPE '\\' OR d.value ILIKE :like ESCAPE '\\')",
    "simulation": "c.simulation_ids && CAST(:simulation_ids AS uuid[])",
    "department": "c.department_ids && CAST(:department_ids AS uuid[])",
    "profile": """EXISTS (SELECT 1 FROM cohort_members has
        WHERE has.cohort_id = c.id AND has.until IS NULL AND has.profile_id = ANY(CAST(:profile_ids AS uuid[])))""",
}
COHORTS = """
cohorts c LEFT JOIN texts n ON n.id = c.name_id LEFT JOIN texts d ON d.id = c.description_id
WHERE c.organization_id = :organization_id AND c.deleted_at IS NULL"""
ARRAYS = "SELECT one.id, count(*) AS times FROM (SELECT unnest(c.{column}) AS id FROM {cohorts}) one GROUP BY one.id"
PEOPLE = """
SELECT m.profile_id AS id, count(*) AS times FROM cohort_members m
 WHERE m.until IS NULL AND m.cohort_id IN (SELECT c.id FROM {cohorts}) GROUP BY m.profile_id"""
KEPT = """
SELECT profile_id AS id, times FROM profile_cohorts
 WHERE organization_id = :organization_id AND times > 0"""
CHOICES = {
    "simulation": ("simulations", "organization_id = :organization_id AND deleted_at IS NULL"),
    "department": ("groups", "organization_id = :organization_id AND node_type = 'division' AND is_active"),
    "profile": ("profiles", "organization_id = :organization_id AND removed_at IS NULL"),
}
OPTIONS = """
WITH counted AS {kept} ({used}), within AS NOT MATERIALIZED (SELECT id, name FROM {table} WHERE {which}), shown AS (
    (SELECT counted.id, counted.times FROM {chosen} counted {searched} {shown}
      ORDER BY counted.times DESC, counted.id LIMIT :most)
    UNION
    (SELECT chosen.id, COALESCE(counted.times, 0) FROM unnest(CAST(:selected AS uuid[])) AS chosen (id)
       LEFT JOIN counted ON counted.id = chosen.id)
)
SELECT within.id, within.name, shown.times FROM shown JOIN within ON within.id = shown.id
 ORDER BY shown.times DESC, within.name, within.id
"""
"""The most used are taken before their names are looked up, so it does not matter how many there are beside them."""
WITH_PROFILE = "WHERE EXISTS (SELECT 1 FROM profiles own WHERE own.id = counted.id)"
"""Persons without a profile are counted in cohorts, and are no choice."""
MOST_USED = "(SELECT id, times FROM counted ORDER BY times DESC, id LIMIT 5 * CAST(:most AS integer))"
"""Those of whom it is asked whether they have a profile: to ask it of all who were counted would cost more."""
SEARCHED = "JOIN within ON within.id = counted.id AND within.name ILIKE :wanted ESCAPE '\\'"
ACTIVITY = """
SELECT count(*) FILTER (WHERE c.is_active) AS in_use, count(*) FILTER (WHERE NOT c.is_active) AS out_of_use FROM """


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What cohorts are asked for."""

    organization_id: UUID
    search: str = ""
    profile_ids: list[UUID] | None = None
    simulation_ids: list[UUID] | None = None
    department_ids: list[UUID] | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The kinds of conditions that there are."""
        kinds = (("search", self.search), ("simulation", self.simulation_ids), ("department", self.department_ids))
        return tuple(name for name, value in (*kinds, ("profile", self.profile_ids)) if value)

    def values(self, **more: Any) -> dict[str, Any]:
        """What the statements may name."""
        return {
            "organization_id": self.organization_id,
            "like": like(self.search),
            "profile_ids": self.profile_ids,
            "simulation_ids": self.simulation_ids,
            "department_ids": self.department_ids,
            **more,
        }


class Option(msgspec.Struct, frozen=True):
    """A choice and how many cohorts have it."""

    id: UUID
    name: str
    count: int


def cohorts(given: tuple[str, ...], without: str = "") -> str:
    """SQL of the found cohorts `c` with their texts `n` and `d`, one kind of condition left out."""
    return " AND ".join([COHORTS, *(CONDITIONS[name] for name in given if name != without)])


async def options(rows: Rows, kind: Kind, filters: Filters, search: str, selected: list[UUID] | None) -> list[Option]:
    """Choices of the found cohorts that match the search, and those that are selected, most used first.

    People are counted where there are filters, else it is read how many cohorts each is in.
    """
    given = filters.given
    template = TEMPLATES.get((kind, given, bool(search)), lambda: text(_options(kind, given, searched=bool(search))))
    values = filters.values(selected=selected or [], wanted=like(search), most=MOST_OPTIONS)
    return [Option(*row) for row in await rows.all(template.sql, *template.values(values))]


async def activity(rows: Rows, filters: Filters) -> tuple[int, int]:
    """How many of the found cohorts are in use, and how many are not."""
    given = filters.given
    template = TEMPLATES.get(("activity", given), lambda: text(ACTIVITY + cohorts(given)))
    (row,) = await rows.all(template.sql, *template.values(filters.values()))
    return row.in_use, row.out_of_use


def _options(kind: Kind, given: tuple[str, ...], *, searched: bool) -> str:
    table, which = CHOICES[kind]
    kept = "MATERIALIZED"
    if kind != "profile":
        used = ARRAYS.format(column=f"{kind}_ids", cohorts=cohorts(given, kind))
    elif set(given) <= {"profile"}:
        used, kept = KEPT, "NOT MATERIALIZED"  # its index has the order
    else:
        used = PEOPLE.format(cohorts=cohorts(given, kind))
    asked = {"chosen": "counted", "shown": "", "searched": SEARCHED if searched else ""}
    if kind == "profile" and not searched:
        asked |= {"shown": WITH_PROFILE, "chosen": MOST_USED if used != KEPT else "counted"}
    return OPTIONS.format(kept=kept, used=used, table=table, which=which, **asked)
