"""What identity holds of a person, and what becomes of it when they are erased. Identity is the last to erase.

`:addresses` are the usernames, verified e-mail addresses and phone numbers that nobody else has, in the form in which
they are compared.
"""

from chassis.erasure import Blanked, Gone, Plan

OF_SESSION = "session_id IN (SELECT id FROM sessions WHERE user_id = :user_id)"

OF_PERSON = "individual_id = ANY (:individual_ids) OR user_id = :user_id"

PLAN = Plan(
    erased=(
        Gone("message_contents", "user_id = :user_id"),
        Gone("codes", "subject_id = ANY (:ids) OR username_key = ANY (:addresses)"),
        Gone("password_requests", "username_key = ANY (:addresses)"),
        Gone(
            "sign_up_requests",
            "user_id = :user_id OR username_key = ANY (:addresses) OR email_key = ANY (:addresses)",
        ),
        Gone(
            "totp_recovery_codes",
            "configuration_id IN (SELECT id FROM totp_configurations WHERE user_id = :user_id)",
        ),
        Gone("totp_configurations", "user_id = :user_id"),
        Gone("service_document_agreements", "user_id = :user_id"),
        Gone("refresh_tokens", OF_SESSION),
        Gone("sessions", "user_id = :user_id"),
        Gone("user_roles", "user_id = :user_id"),
        Gone("user_organizations", "user_id = :user_id"),
        Blanked("audit_events", "user_id = :user_id", {"details": "NULL"}),
        Gone("additional_individuals", OF_PERSON),
        Gone("contact_changes", "user_id = :user_id"),
        Gone("user_activities", "user_id = :user_id"),
        Gone("user_checkins", "user_id = :user_id"),
        Gone("user_replications", "user_id = :user_id"),
        Gone("archive_answers", f"request_id IN (SELECT id FROM archive_requests WHERE {OF_PERSON})"),  # noqa: S608
        Gone("archive_requests", OF_PERSON),
        Gone("users", "id = :user_id"),
    ),
    kept={
        "deletion_requests": "ids, and a mark by which a request is found but nobody is named",
        "deletion_copies": "the copy that the request asked for, sealed under a key of its own",
        "organizations": "names of organizations",
        "service_documents": "texts of organizations",
        "service_document_translations": "texts of organizations",
        "signing_keys": "no person's",
        "throttles": "marks that name nobody; gone within the hour",
    },
)
