"""What notifications holds of a person, and what becomes of it when they are erased."""

from chassis.erasure import Gone, Plan

PLAN = Plan(
    erased=(
        Gone(
            "recorded_texts",
            "phone = ANY (:addresses) OR delivery_id IN (SELECT id FROM deliveries WHERE user_id = :user_id)",
        ),
        Gone("email_logs", "user_id = :user_id OR (user_id IS NULL AND lower(destination) = ANY (:addresses))"),
        Gone("communication_preferences", "user_id = :user_id"),
        Gone("suppressions", "address = ANY (:addresses)"),
        Gone("deliveries", "user_id = :user_id"),
        Gone("in_app_messages", "user_id = :user_id"),
        Gone("feedback_comments", "created_by = :user_id OR individual_id = ANY (:individual_ids)"),
    ),
    kept={
        "message_templates": "an organization's or a theme's texts and its support address",
        "organizations": "an organization's name, theme and time zone",
        "template_versions": "what an organization wrote, and by whom: an id only",
        "organization_general_messages": "an organization's own words to everybody",
        "webhook_deliveries": "ids of what happened, for 30 days",
        "webhook_attempts": "the first bytes of what an organization's own server answered, for 30 days",
    },
)
