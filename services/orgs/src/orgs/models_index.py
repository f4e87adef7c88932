"""All tables of this service, for migrations."""

from orgs.exports import models as exports
from orgs.imports import models as imports
from orgs.individual_group_logs import models as logs
from orgs.individual_groups import models as groups
from orgs.individuals import models as individuals
from orgs.organization_codes import models as codes
from orgs.organizations import models as organizations
from orgs.people import models as people
from orgs.tables import Table
from orgs.tasks import models as tasks
from orgs.user_organizations import models as memberships

__all__ = [
    "codes",
    "exports",
    "groups",
    "imports",
    "individuals",
    "logs",
    "memberships",
    "metadata",
    "organizations",
    "people",
    "tasks",
]

metadata = Table.metadata
