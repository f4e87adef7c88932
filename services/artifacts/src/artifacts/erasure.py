"""What artifacts holds of a person, and what becomes of it when they are erased."""

from chassis.erasure import Gone, Plan

OF_PROFILE = "profile_id IN (SELECT id FROM profiles WHERE user_id = :user_id OR individual_id = ANY (:individual_ids))"

PLAN = Plan(
    erased=(
        Gone("cohort_members", OF_PROFILE),
        Gone("profile_personas", OF_PROFILE),
        Gone("user_roles", "user_id = :user_id"),
        Gone("group_people", "user_id = :user_id"),
        Gone("profiles", "user_id = :user_id OR individual_id = ANY (:individual_ids)"),
    ),
    kept={
        "cohorts": "who made or changed one is an id",
        "groups": "names of groups",
        "organizations": "names of organizations",
        "personas": "names of parts that people play",
        "simulation_positions": "places in an order",
        "simulations": "names of simulations",
        "texts": "names and descriptions of cohorts",
    },
)
