"""What authz holds of a person, and what becomes of it when they are erased: all of it is ids.

The index in memory follows the events by which orgs and identity say that individuals and users are gone.
"""

from chassis.erasure import Gone, Plan

PLAN = Plan(
    erased=(
        Gone("role_users", "user_id = :user_id"),
        Gone("organization_staff", "user_id = :user_id"),
        Gone("group_people", "person_id = ANY (:ids)"),
        Gone("individuals", "id = ANY (:individual_ids) OR user_id = :user_id"),
    ),
    kept={
        "users": "the id, disabled for good, so that nothing told late is allowed",
        "groups": "ids",
        "organizations": "names of organizations",
        "quarantined_events": "what was wrong with an event, which holds ids only",
        "roles": "names of roles",
    },
)
