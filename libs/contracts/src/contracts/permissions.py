"""The names of what a route may demand of its caller. A route declares exactly one."""

from uuid import UUID, uuid5

ROLE_IDS = {
    "org.admin": UUID("018f0000-0000-7000-8000-000000000001"),
    "org.member": UUID("018f0000-0000-7000-8000-000000000002"),
    "system.admin": UUID("018f0000-0000-7000-8000-000000000003"),
    "system.support": UUID("018f0000-0000-7000-8000-000000000004"),
}
"""The roles that exist from the start. One of `org.` stands for that role of the organization that is meant."""


def role_id(name: str, organization_id: UUID | None = None) -> UUID:
    """The id of a role: of an organization UUIDv5 of its id and the name, of the system the fixed one (KeyError)."""
    return ROLE_IDS[name] if organization_id is None else uuid5(organization_id, name)


PUBLIC = "public"
"""Anybody, without a credential."""

AUTHENTICATED = "authenticated"
"""Any signed-in person or machine; what they see is decided by the rows that concern them."""

SERVICE = "service"
"""Another service of the platform."""

OPERATOR = "operator"
"""The platform's operator: the role system.admin."""

SUPPORT = "support"
"""The operator's staff: any system role."""

ORGANIZATION_READ = "organization:read"
"""Staff of the organization that the request names."""

ORGANIZATION_WRITE = "organization:write"
"""Administrators of the organization that the request names."""

GROUP_READ = "group:read"
GROUP_WRITE = "group:write"
INDIVIDUAL_READ = "individual:read"
INDIVIDUAL_WRITE = "individual:write"

COHORT_READ = "cohort:read"
COHORT_WRITE = "cohort:write"
PROFILE_READ = "profile:read"
PROFILE_WRITE = "profile:write"

ALL = frozenset(
    {
        PUBLIC,
        AUTHENTICATED,
        SERVICE,
        OPERATOR,
        SUPPORT,
        ORGANIZATION_READ,
        ORGANIZATION_WRITE,
        GROUP_READ,
        GROUP_WRITE,
        INDIVIDUAL_READ,
        INDIVIDUAL_WRITE,
        COHORT_READ,
        COHORT_WRITE,
        PROFILE_READ,
        PROFILE_WRITE,
    }
)
