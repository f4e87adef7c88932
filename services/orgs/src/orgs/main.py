"""The orgs service."""

from typing import Any

from chassis.app import build
from kernel import load
from litestar import Litestar

from orgs import consumers
from orgs.aggregation_requests.routes import ROUTES as AGGREGATIONS
from orgs.exports.routes import ROUTES as EXPORTS
from orgs.features.routes import ROUTES as FEATURES
from orgs.imports.routes import ROUTES as IMPORTS
from orgs.individual_group_individuals.routes import ROUTES as GROUP_INDIVIDUALS
from orgs.individual_group_leaders.routes import ROUTES as GROUP_LEADERS
from orgs.individual_group_logs.routes import ROUTES as GROUP_LOGS
from orgs.individual_groups.routes import ROUTES as GROUPS
from orgs.individual_groups.v2.routes import ROUTES as GROUPS_V2
from orgs.individuals.routes import ROUTES as INDIVIDUALS
from orgs.organization_code_info.routes import ROUTES as CODE_INFO
from orgs.organization_codes.routes import ROUTES as CODES
from orgs.organization_features.routes import ROUTES as ORGANIZATION_FEATURES
from orgs.organization_themes.routes import ROUTES as THEMES
from orgs.organizations.routes import ROUTES as ORGANIZATIONS
from orgs.settings import Settings
from orgs.tasks.routes import ROUTES as TASKS
from orgs.user_features.routes import ROUTES as USER_FEATURES
from orgs.user_organizations.routes import ROUTES as MEMBERSHIPS
from orgs.worker import background

PEOPLE = [*INDIVIDUALS, *GROUPS, *GROUPS_V2, *GROUP_INDIVIDUALS, *GROUP_LEADERS, *GROUP_LOGS, *IMPORTS, *EXPORTS]
SWITCHES = [*FEATURES, *ORGANIZATION_FEATURES, *USER_FEATURES]
ROUTES = [*ORGANIZATIONS, *MEMBERSHIPS, *CODES, *CODE_INFO, *THEMES, *SWITCHES, *AGGREGATIONS, *PEOPLE, *TASKS]


def create_app(settings: Settings | None = None, **options: Any) -> Litestar:
    """The orgs service as an application."""
    return build(
        "orgs", settings or load(Settings), routes=ROUTES, consumers=consumers.table, background=background, **options
    )
