"""An organization with 1,000,000 profiles and 10,000 cohorts, each profile in one of them."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg

PROFILES = 1_000_000
COHORTS = 10_000
MEMBERS = 100
DEPARTMENTS, SIMULATIONS, PERSONAS = 50, 200, 20
FIRST = ("Ada", "Bo", "Chen", "Dana", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jo")
LAST = ("Adler", "Byron", "Costa", "Diaz", "Evans", "Fischer", "Garcia", "Haas", "Ito", "Jones")

PERSONS = """
INSERT INTO persons (id, organization_id, is_identified, properties)
SELECT id, organization_id, true, jsonb_build_object('email', primary_email, 'name', name, 'role', role) FROM profiles
"""


class World:
    """The ids of what was made."""

    def __init__(self) -> None:
        self.organization = uuid4()
        self.user = uuid4()
        self.random = random.Random(7)
        self.departments = self._ids(DEPARTMENTS)
        self.simulations = self._ids(SIMULATIONS)
        self.personas = self._ids(PERSONAS)
        self.positions = self._ids(SIMULATIONS)
        self.texts = self._ids(COHORTS)
        self.profiles = self._ids(PROFILES)
        self.cohorts = self._ids(COHORTS)
        self.chosen = [
            (self.random.sample(self.departments, 2), self.random.sample(range(SIMULATIONS), 3)) for _ in self.cohorts
        ]

    def _ids(self, several: int) -> list[UUID]:
        """Ids that lie in the order of their making, as ours do."""
        return [
            UUID(int=(0x0199 << 112) | (number << 72) | (7 << 76) | self.random.getrandbits(62) | 1 << 63)
            for number in range(several)
        ]

    def members(self, place: int) -> list[UUID]:
        """The profiles of a cohort: each profile is in one cohort, and those of neighbours lie apart."""
        return [self.profiles[(place + COHORTS * turn) % PROFILES] for turn in range(MEMBERS)]


async def seed(url: str, world: World) -> None:
    """Fill the tables by COPY."""
    connection = await asyncpg.connect(url)

    async def copy(table: str, columns: str, rows: Iterator[tuple[Any, ...]]) -> None:
        await connection.copy_records_to_table(table, records=rows, columns=columns.split())

    own = world.organization
    await copy("organizations", "id number name display_name", iter([(own, 1, "bench", "Bench")]))
    await copy("counters", "organization_id kind last", iter([(own, "cohort", COHORTS)]))
    groups = ((one, own, f"Department {n:03}", "division") for n, one in enumerate(world.departments))
    await copy("groups", "id organization_id name node_type", groups)
    named = ((one, own, f"Simulation {n:03}") for n, one in enumerate(world.simulations))
    await copy("simulations", "id organization_id name", named)
    placed = zip(world.positions, world.simulations, strict=True)
    await copy(
        "simulation_positions", "id organization_id simulation_id value", ((one, own, sim, 1) for one, sim in placed)
    )
    parts = ((one, own, f"Persona {n:03}") for n, one in enumerate(world.personas))
    await copy("personas", "id organization_id name", parts)
    texts = ((one, own, "cohort-name", f"Cohort {n:05} of the spring") for n, one in enumerate(world.texts))
    await copy("texts", "id organization_id kind value", texts)
    await copy(
        "profiles",
        "id organization_id number user_id account_type role name primary_email emails department_ids",
        _people(world),
    )
    await connection.execute(PERSONS)
    await copy(
        "cohorts",
        "id organization_id number name_id department_ids simulation_ids simulation_position_ids member_count",
        _cohorts(world),
    )
    members = ((cohort, one, "hand") for n, cohort in enumerate(world.cohorts) for one in world.members(n))
    await copy("cohort_members", "cohort_id profile_id source", members)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _people(world: World) -> Iterator[tuple[Any, ...]]:
    for number, one in enumerate(world.profiles):
        name = f"{FIRST[number % 10]} {LAST[number // 10 % 10]} {number}"
        address = f"person{number}@example.org"
        user = world.user if number == 0 else UUID(int=one.int ^ 1)
        role = "instructor" if number % 3 else "member"
        places = [world.departments[number % DEPARTMENTS], world.departments[number * 7 % DEPARTMENTS]]
        yield one, world.organization, number + 1, user, "provider", role, name, address, [address], places


def _cohorts(world: World) -> Iterator[tuple[Any, ...]]:
    for number, one in enumerate(world.cohorts):
        departments, places = world.chosen[number]
        simulations = [world.simulations[place] for place in places]
        positions = [world.positions[place] for place in places]
        yield one, world.organization, number + 1, world.texts[number], departments, simulations, positions, MEMBERS
