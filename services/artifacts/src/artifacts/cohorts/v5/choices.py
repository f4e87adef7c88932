"""What a cohort's form offers: lean rows over plain asyncpg, a statement a kind, the chosen ones among them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from database import Rows, Template
from kernel import NotFound
from sqlalchemy import text

from artifacts.cohorts.drafts import Form
from artifacts.cohorts.queries import SHOWN_MEMBERS
from artifacts.cohorts.resolving.items import LISTS
from artifacts.matching import like
from artifacts.texts.commands import DESCRIPTION, NAME

MOST = 100


def _template(statement: str) -> Template:
    return Template(text(statement))


FIELDS = ("name_id", "description_id", "is_active", *LISTS)
COHORT = _template(f"""
SELECT {", ".join(FIELDS)},
       ARRAY(SELECT m.profile_id FROM cohort_members m
              WHERE m.cohort_id = c.id AND m.until IS NULL
                AND EXISTS (SELECT 1 FROM profiles p WHERE p.id = m.profile_id)
              ORDER BY m.id LIMIT :most) AS profile_ids
  FROM cohorts c WHERE organization_id = :organization_id AND id = :cohort_id AND deleted_at IS NULL
""")  # noqa: S608 the text is ours
TEXTS = _template("""
(SELECT kind, id, value, true AS own FROM texts
  WHERE organization_id = :organization_id AND id = ANY(CAST(:own AS uuid[])))
UNION ALL
(SELECT kind, id, value, false FROM texts
  WHERE organization_id = :organization_id AND kind = :name AND id <> ALL(CAST(:own AS uuid[]))
  ORDER BY left(value, 200), id LIMIT :most)
UNION ALL
(SELECT kind, id, value, false FROM texts
  WHERE organization_id = :organization_id AND kind = :description AND id <> ALL(CAST(:own AS uuid[]))
    AND (CAST(:like AS text) IS NULL OR value ILIKE :like ESCAPE '\\')
  ORDER BY left(value, 200), id LIMIT :most)
""")
NAMED = """
(SELECT true AS own, id, name, {shown} AS shown FROM {table}
  WHERE organization_id = :organization_id AND {gone} IS NULL AND id = ANY(CAST(:own AS uuid[])) ORDER BY name, id)
UNION ALL
(SELECT false, id, name, {shown} FROM {table}
  WHERE organization_id = :organization_id AND {gone} IS NULL AND NOT CAST(:only AS boolean)
    AND (CAST(:like AS text) IS NULL OR name ILIKE :like ESCAPE '\\')
  ORDER BY name, id LIMIT :most)
"""
SIMULATIONS = _template(NAMED.format(table="simulations", shown="description", gone="deleted_at"))
PROFILES = _template(NAMED.format(table="profiles", shown="role", gone="removed_at"))
DEPARTMENTS = _template("""
SELECT id, name FROM groups
 WHERE organization_id = :organization_id AND node_type = 'division' AND is_active ORDER BY name, id
""")
OWNED = _template("""
SELECT 'position' AS kind, id, simulation_id AS owner, value, NULL::timestamptz AS time, NULL AS type,
       NULL::uuid AS persona_id
  FROM simulation_positions WHERE simulation_id = ANY(CAST(:simulations AS uuid[]))
UNION ALL
SELECT 'window', id, simulation_id, NULL, time, type, NULL
  FROM simulation_availability WHERE simulation_id = ANY(CAST(:simulations AS uuid[]))
UNION ALL
SELECT 'part', id, profile_id, NULL, NULL, NULL, persona_id
  FROM profile_personas WHERE profile_id = ANY(CAST(:profiles AS uuid[]))
 ORDER BY id
""")
PERSONAS = _template("""
SELECT id, name, description, icon, color, department_ids, instructions, examples, is_active
  FROM personas WHERE organization_id = :organization_id AND deleted_at IS NULL ORDER BY name, id LIMIT :most
""")

Found = Sequence[Any]


async def cohort(rows: Rows, organization_id: UUID, cohort_id: UUID) -> Form:
    """What a cohort has, at most a thousand of its members. Raises NotFound."""
    values = {"organization_id": organization_id, "cohort_id": cohort_id, "most": SHOWN_MEMBERS}
    for row in await _all(rows, COHORT, values):
        return Form(**row)
    raise NotFound


async def texts(rows: Rows, organization_id: UUID, form: Form, search: str) -> tuple[Found, Found]:
    """Names and descriptions, the form's own first; only the latter are searched."""
    values = {
        "organization_id": organization_id,
        "own": [one for one in (form.name_id, form.description_id) if one],
        "name": NAME,
        "description": DESCRIPTION,
        "like": like(search),
        "most": MOST,
    }
    found = await _all(rows, TEXTS, values)
    return [row for row in found if row[0] == NAME], [row for row in found if row[0] == DESCRIPTION]


async def named(
    rows: Rows, statement: Template, organization_id: UUID, own: list[UUID], search: str, *, only_own: bool
) -> tuple[Found, Found]:
    """What is chosen, and what can be: by name, searched, or only what is chosen."""
    values = {
        "organization_id": organization_id,
        "own": own,
        "only": only_own,
        "like": like(search),
        "most": MOST,
    }
    found = await _all(rows, statement, values)
    current = [row for row in found if row[0]]
    if not only_own:
        return current, [row for row in found if not row[0]]
    wanted = search.lower()
    return current, [row for row in current if wanted in row.name.lower()][:MOST]


async def departments(rows: Rows, organization_id: UUID) -> Found:
    """Every department, by name."""
    return await _all(rows, DEPARTMENTS, {"organization_id": organization_id})


async def owned(rows: Rows, form: Form) -> dict[str, list[Any]]:
    """Positions and windows of the chosen simulations, parts of the chosen profiles, by kind."""
    found: dict[str, list[Any]] = {"position": [], "window": [], "part": []}
    if form.simulation_ids or form.profile_ids:
        values = {"simulations": form.simulation_ids, "profiles": form.profile_ids}
        for row in await _all(rows, OWNED, values):
            found[row.kind].append(row)
    return found


async def personas(rows: Rows, organization_id: UUID) -> Found:
    """Personas by name."""
    return await _all(rows, PERSONAS, {"organization_id": organization_id, "most": MOST})


async def _all(rows: Rows, statement: Template, values: dict[str, Any]) -> Found:
    return await rows.all(statement.sql, *statement.values(values))
