"""Names of events that only the platform itself tells of (events.platform)."""

COHORT_ENTERED, COHORT_LEFT = "$cohort_entered", "$cohort_left"
OWN = frozenset(
    {
        "$signed_in",
        "$signed_out",
        "$checked_in",
        "$group_joined",
        "$group_left",
        COHORT_ENTERED,
        COHORT_LEFT,
        "$feature_changed",
    }
)
