"""Every table of this service, for migrations."""

from artifacts.cohorts.calculations.models import (
    CohortCalculation,
    CohortChange,
    CohortMention,
    CohortSchedule,
    MemberAnnouncement,
    PersonDate,
)
from artifacts.cohorts.imports.models import CohortImport
from artifacts.cohorts.learning.models import Completion
from artifacts.cohorts.models import Cohort, CohortActivity, CohortMember, ProfileCohorts
from artifacts.departments.models import Group, GroupPerson
from artifacts.drafts.models import Draft, DraftVersion
from artifacts.emulations.models import Emulation
from artifacts.events.models import ProductEvent
from artifacts.organizations.models import Counter, Organization
from artifacts.personas.models import Persona, ProfilePersona
from artifacts.persons.models import Person, PersonDistinctId
from artifacts.profiles.models import Profile, ProfileActivity, ProfileRequests, UserRole
from artifacts.simulations.models import Simulation, SimulationAvailability, SimulationPosition
from artifacts.tables import Base
from artifacts.texts.models import Text
from artifacts.uploads.models import Upload

metadata = Base.metadata

__all__ = [
    "Cohort",
    "CohortActivity",
    "CohortCalculation",
    "CohortChange",
    "CohortImport",
    "CohortMember",
    "CohortMention",
    "CohortSchedule",
    "Completion",
    "Counter",
    "Draft",
    "DraftVersion",
    "Emulation",
    "Group",
    "GroupPerson",
    "MemberAnnouncement",
    "Organization",
    "Person",
    "PersonDate",
    "PersonDistinctId",
    "Persona",
    "ProductEvent",
    "Profile",
    "ProfileActivity",
    "ProfileCohorts",
    "ProfilePersona",
    "ProfileRequests",
    "Simulation",
    "SimulationAvailability",
    "SimulationPosition",
    "Text",
    "Upload",
    "UserRole",
    "metadata",
]
