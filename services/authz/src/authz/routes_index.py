"""Every operation of this service."""

from authz.access.routes import ROUTES as AUTHZEN
from authz.access_grants.routes import ROUTES as GRANTS
from authz.authz_changes.routes import ROUTES as CHANGES
from authz.authz_explanations.routes import ROUTES as EXPLANATIONS
from authz.authz_get_accessible_resources.routes import ROUTES as ACCESSIBLE
from authz.authz_individuals.routes import ROUTES as INDIVIDUALS
from authz.authz_resource_access.routes import ROUTES as ACCESS
from authz.authz_resource_accessors.routes import ROUTES as ACCESSORS
from authz.authz_user_status.routes import ROUTES as STATUS
from authz.authzen_configuration.routes import ROUTES as AUTHZEN_CONFIGURATION
from authz.bulk_authz_resource_access.routes import ROUTES as BULK
from authz.role_users.routes import ROUTES as ROLE_USERS
from authz.roles.routes import ROUTES as ROLES

ROUTES = [
    *ACCESS,
    *BULK,
    *ACCESSIBLE,
    *INDIVIDUALS,
    *ACCESSORS,
    *STATUS,
    *EXPLANATIONS,
    *CHANGES,
    *ROLES,
    *ROLE_USERS,
    *GRANTS,
    *AUTHZEN,
    *AUTHZEN_CONFIGURATION,
]
