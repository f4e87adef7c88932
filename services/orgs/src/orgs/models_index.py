"""All tables of this service, for migrations."""

from orgs.aggregation_requests import models as aggregations
from orgs.exports import models as exports
from orgs.features import models as features
from orgs.imports import models as imports
from orgs.individual_group_logs import models as logs
from orgs.individual_groups import models as groups
from orgs.individuals import models as individuals
from orgs.organization_codes import models as codes
from orgs.organization_features import models as organization_features
from orgs.organization_themes import models as themes
from orgs.organizations import models as organizations
from orgs.people import models as people
from orgs.tables import Table
from orgs.tasks import models as tasks
from orgs.user_features import models as user_features
from orgs.user_organizations import models as memberships

__all__ = [
    "aggregations",
    "codes",
    "exports",
    "features",
    "groups",
    "imports",
    "individuals",
    "logs",
    "memberships",
    "metadata",
    "organization_features",
    "organizations",
    "people",
    "tasks",
    "themes",
    "user_features",
]

metadata = Table.metadata
