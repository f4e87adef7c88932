"""What orgs holds of a person, and what becomes of it when they are erased."""

from chassis.erasure import Gone, Plan

OWN = (
    "id = ANY (:individual_ids) OR user_id = :user_id"
    " OR (owner_type = 'user' AND owner_id = :user_id AND user_id IS NULL)"
)
"""The individuals who are the person, and those whom nobody but the person owns."""

PLAN = Plan(
    erased=(
        Gone("group_individuals", f"individual_id IN (SELECT id FROM individuals WHERE {OWN})"),  # noqa: S608 the text is ours
        Gone("group_staff", "user_id = :user_id"),
        Gone("memberships", "user_id = :user_id"),
        Gone("organization_code_users", "user_id = :user_id"),
        Gone("individuals", OWN),
        Gone("people", "user_id = :user_id"),
    ),
    kept={
        "group_logs": "who was added to a group or removed, when and by whom: ids only",
        "individual_groups": "names of groups; who made one is an id",
        "organization_codes": "who made one is an id",
        "organizations": "names of organizations; who made one is an id",
        "tasks": "who asked is an id",
    },
)
