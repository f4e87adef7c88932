"""Simulations as a kind of the library."""

from contracts.artifacts import SimulationCreated, SimulationDeleted, SimulationUpdated
from sqlalchemy import text

from artifacts.library.kinds import Kind
from artifacts.simulations.models import Simulation

USED = text("""
SELECT named.id, count(*)
  FROM cohorts c CROSS JOIN LATERAL unnest(c.simulation_ids) AS named (id)
 WHERE c.organization_id = :organization_id AND c.deleted_at IS NULL
   AND c.simulation_ids && CAST(:ids AS uuid[]) AND named.id = ANY(CAST(:ids AS uuid[]))
 GROUP BY named.id
""")

SIMULATION = Kind(
    name="simulation",
    model=Simulation,
    columns={"name": "text", "description": "text"},
    id_field="simulation_id",
    used=USED,
    created=lambda one, organization: SimulationCreated(simulation_id=one, organization_id=organization),
    updated=lambda one, organization: SimulationUpdated(simulation_id=one, organization_id=organization),
    deleted=lambda one, organization: SimulationDeleted(simulation_id=one, organization_id=organization),
)
