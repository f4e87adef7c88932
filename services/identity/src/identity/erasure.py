"""What identity holds of a person, and what becomes of it when they are erased. Identity is the last to erase.

`:addresses` are the usernames, verified e-mail addresses and phone numbers that nobody else has, in the form in which
they are compared.
"""

from chassis.erasure import Blanked, Gone, Person, Plan
from chassis.erasure.plans import Counts
from chassis.runtime import Runtime
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import forget
from identity.message_contents.models import MessageContent
from identity.message_contents.queries import recipient_of
from identity.parts import parts_of

OF_SESSION = "session_id IN (SELECT id FROM sessions WHERE user_id = :user_id)"

NAMED = """
    EXISTS (SELECT FROM users u WHERE u.id = :user_id
               AND (actor = CAST(u.id AS text) OR position(CAST(u.id AS text) IN path) > 0))
"""

OF_INDIVIDUAL = "{} = ANY (:individual_ids)"
OF_PERSON = "individual_id = ANY (:individual_ids) OR user_id = :user_id"

INVITED = """
    user_id = :user_id OR claimed_by = :user_id OR patient_id = ANY (:individual_ids)
    OR email_key = ANY (:addresses) OR phone = ANY (:addresses)
"""
OF_INVITATION = f"request_id IN (SELECT id FROM onboarding_requests WHERE {INVITED})"  # noqa: S608

HINTED = "lower({}->>'login_hint') = ANY (:addresses)"


async def forget_acts(session: AsyncSession, person: Person) -> Counts:
    """Take the person out of the audit trail, which lets only this through."""
    return {"audit_events": await forget(session, person.user_id) if person.user_id else 0}


async def forget_sealed(runtime: Runtime, session: AsyncSession, person: Person) -> Counts:
    """Remove messages to the person's addresses that were sealed before there was a login."""
    vault = parts_of(runtime).vault
    found = await session.scalars(select(MessageContent).where(MessageContent.user_id.is_(None)))
    theirs = [row.id for row in found if recipient_of(vault, row).lower() in person.addresses]
    await session.execute(delete(MessageContent).where(MessageContent.id.in_(theirs)))
    return {"message_contents": len(theirs)} if theirs else {}


PLAN = Plan(
    further=forget_sealed,
    erased=(
        Gone("message_contents", "user_id = :user_id"),
        Gone("codes", "subject_id = ANY (:ids) OR username_key = ANY (:addresses)"),
        Gone("codes", "username_key IN (SELECT CAST(id AS text) FROM users WHERE id = :user_id)"),
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
        Gone("scim_group_members", "user_id = :user_id"),
        Gone("scim_users", "user_id = :user_id"),
        Gone("scim_requests", NAMED),
        Gone("passkey_challenges", "user_id = :user_id"),
        Gone("passkeys", "user_id = :user_id"),
        Gone("service_document_agreements", "user_id = :user_id"),
        Gone("external_sessions", OF_SESSION),
        Gone(
            "external_sign_ins",
            "identity_id IN (SELECT id FROM external_identities WHERE user_id = :user_id)",
        ),
        Gone("external_identities", "user_id = :user_id"),
        Gone("refresh_tokens", OF_SESSION),
        Gone("browser_sessions", OF_SESSION),
        Gone("oauth2_logouts", "user_id = :user_id"),
        Gone("oauth2_device_codes", "user_id = :user_id"),
        Gone("oauth2_codes", "user_id = :user_id"),
        Gone("oauth2_consents", "user_id = :user_id"),
        Gone("oauth2_interactions", f":user_id IN (user_id, proven_user_id) OR {HINTED.format('request')}"),
        Gone("oauth2_pushed_requests", HINTED.format("parameters")),
        Gone("sessions", "user_id = :user_id"),
        Gone("user_roles", "user_id = :user_id"),
        Gone("user_organizations", "user_id = :user_id"),
        Gone("message_contents", f"id IN (SELECT message_id FROM onboarding_invites WHERE {OF_INVITATION})"),  # noqa: S608
        Gone("onboarding_invites", OF_INVITATION),
        Gone("onboarding_requests", INVITED),
        Gone("registration_invitations", ":user_id IN (created_by, claimed_by) OR email_key = ANY (:addresses)"),
        Gone("impersonation_requests", "user_id = :user_id"),
        Gone("additional_individuals", OF_PERSON),
        Gone("contact_changes", "user_id = :user_id"),
        Gone("user_activities", "user_id = :user_id"),
        Gone("user_checkins", "user_id = :user_id"),
        Gone("user_replications", "user_id = :user_id"),
        Gone("archive_answers", f"request_id IN (SELECT id FROM archive_requests WHERE {OF_PERSON})"),  # noqa: S608
        Gone("archive_requests", OF_PERSON),
        Gone("api_key_secrets", "api_key_id IN (SELECT id FROM api_keys WHERE user_id = :user_id)"),
        Gone("api_keys", "user_id = :user_id"),
        Gone("anonymous_accesses", ":user_id IN (user_id, created_by)"),
        Gone("service_accounts", "id = :user_id"),
        Blanked("api_keys", "created_by = :user_id", {"created_by": "NULL"}),
        Blanked("service_accounts", "created_by = :user_id", {"created_by": "NULL"}),
        Gone("users", "id = :user_id"),
        Blanked("user_organizations", OF_INDIVIDUAL.format("individual_id"), {"individual_id": "NULL"}),
        Blanked(
            "users",
            OF_INDIVIDUAL.format("primary_individual_id"),
            {"primary_individual_id": "NULL", "enrollment_data": "NULL"},
        ),
    ),
    first=forget_acts,
    kept={
        "audit_events": "acts of the person and upon them, numbered without a gap; the person's id is taken out first",
        "audit_counters": "how many acts there were",
        "deletion_requests": "ids, and a mark by which a request is found but nobody is named",
        "deletion_copies": "the copy that the request asked for, sealed under a key of its own",
        "oauth2_assertions": "ids that clients' programs chose; gone within the hour",
        "oauth2_clients": "applications of organizations",
        "identity_provider_domains": "domains of organizations",
        "identity_providers": "settings of organizations",
        "organizations": "names of organizations",
        "seen_assertions": "marks that name nobody; gone when the assertions have expired",
        "scim_groups": "names of groups of organizations' directories",
        "service_documents": "texts of organizations",
        "service_document_translations": "texts of organizations",
        "signing_keys": "no person's",
        "throttles": "marks that name nobody; gone within the hour",
    },
)
