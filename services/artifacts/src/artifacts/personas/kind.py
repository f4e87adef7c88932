"""Personas as a kind of the library."""

from contracts.artifacts import PersonaCreated, PersonaDeleted, PersonaUpdated
from sqlalchemy import text

from artifacts.library.kinds import Kind
from artifacts.personas.models import Persona

USED = text("""
SELECT part.persona_id, count(DISTINCT c.id)
  FROM profile_personas part
  JOIN cohort_members m ON m.profile_id = part.profile_id AND m.until IS NULL
  JOIN cohorts c ON c.id = m.cohort_id AND c.deleted_at IS NULL AND part.id = ANY(c.profile_persona_ids)
 WHERE part.organization_id = :organization_id AND part.persona_id = ANY(CAST(:ids AS uuid[]))
 GROUP BY part.persona_id
""")

PERSONA = Kind(
    name="persona",
    model=Persona,
    columns={
        "name": "text",
        "description": "text",
        "icon": "text",
        "color": "text",
        "instructions": "text",
        "examples": "text[]",
        "is_active": "boolean",
    },
    id_field="persona_id",
    used=USED,
    created=lambda one, organization: PersonaCreated(persona_id=one, organization_id=organization),
    updated=lambda one, organization: PersonaUpdated(persona_id=one, organization_id=organization),
    deleted=lambda one, organization: PersonaDeleted(persona_id=one, organization_id=organization),
)
