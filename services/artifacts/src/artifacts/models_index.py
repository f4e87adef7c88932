"""Every table of this service, for migrations."""

from artifacts.cohorts.models import Cohort, CohortMember
from artifacts.departments.models import Group, GroupPerson
from artifacts.organizations.models import Counter, Organization
from artifacts.personas.models import Persona, ProfilePersona
from artifacts.profiles.models import Profile, UserRole
from artifacts.simulations.models import Simulation, SimulationAvailability, SimulationPosition
from artifacts.tables import Base
from artifacts.texts.models import Text

metadata = Base.metadata

__all__ = [
    "Cohort",
    "CohortMember",
    "Counter",
    "Group",
    "GroupPerson",
    "Organization",
    "Persona",
    "Profile",
    "ProfilePersona",
    "Simulation",
    "SimulationAvailability",
    "SimulationPosition",
    "Text",
    "UserRole",
    "metadata",
]
