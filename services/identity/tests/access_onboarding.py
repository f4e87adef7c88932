"""Who may do what with invitations, acting as a user and the audit trail: one line an operation."""

from typing import Any

from identity_world import World, new
from invitations import PATH
from testkit.access import Line

INVITATION = f"{PATH}{{invitation}}"
REQUESTS = "/v1/impersonation-requests"
REGISTRATIONS = "/v1/registration-invitations"
STRANGERS = {"nobody": 401, "stranger": 404, "outsider": 404, "colleague": 404}
INSIDERS = {**STRANGERS, "participant": 404, "member": 404}
ORGANIZATION = "organization-id={organization}"


def document(kind: str, **attributes: Any) -> Any:
    return new(kind, {name.replace("_", "-"): value for name, value in attributes.items()})


def changed(kind: str, identifier: str, **attributes: Any) -> Any:
    made = document(kind, **attributes)
    made["data"]["id"] = identifier
    return made


LINES = {
    "listOnboardingRequests": Line(
        "GET",
        f"{PATH}?organization={{organization}}",
        {"nobody": 401, "stranger": 404, "outsider": 404, "admin": 200, "support": 200, "service": 200},
    ),
    "createOnboardingRequest": Line(
        "POST",
        PATH,
        {"nobody": 401, "service": 403, "stranger": 404, "outsider": 404, "support": 404, "admin": 201},
        document("onboarding-requests", organization="{organization}", patient_email="{email}"),
    ),
    "readOnboardingRequest": Line(
        "GET", INVITATION, {**INSIDERS, "admin": 200, "support": 200, "operator": 200, "service": 200}
    ),
    "updateOnboardingRequest": Line(
        "PATCH",
        INVITATION,
        {**INSIDERS, "support": 404, "service": 403, "admin": 200},
        changed("onboarding-requests", "{invitation}", email="other-{email}"),
    ),
    "resendOnboardingNotifications": Line(
        "POST",
        f"{INVITATION}/resend-notifications",
        {**INSIDERS, "support": 404, "service": 403, "admin": 201},
        document("onboarding-requests-email"),
    ),
    "onboardingInfo": Line(
        "POST",
        "/v1/onboarding-info",
        {"nobody": 404, "stranger": 404, "operator": 404},
        document("onboarding-info", code="ABCDEFGHJKLM"),
    ),
    "resendInvitation": Line(
        "POST",
        "/v1/resend-invitation",
        {**INSIDERS, "support": 404, "service": 404, "admin": 201},
        {"username": "first-{email}"},
    ),
    "listRegistrationInvitations": Line("GET", REGISTRATIONS, {"nobody": 401, "stranger": 200, "member": 200}),
    "createRegistrationInvitation": Line(
        "POST",
        REGISTRATIONS,
        {"nobody": 401, "service": 403, "participant": 201, "member": 201},
        document("registration-invitations", invited_email="friend-{email}"),
    ),
    "readRegistrationInvitation": Line(
        "GET",
        f"{REGISTRATIONS}/{{registration}}",
        {"nobody": 401, "stranger": 404, "admin": 404, "operator": 404, "member": 200},
    ),
    "listImpersonationRequests": Line("GET", REQUESTS, {"nobody": 401, "stranger": 200, "support": 200}),
    "createImpersonationRequest": Line(
        "POST",
        REQUESTS,
        {"nobody": 401, "stranger": 403, "admin": 403, "service": 403, "support": 201, "operator": 201},
        document("impersonation-requests", user_id="{member}", reason="Ticket 1"),
    ),
    "readImpersonationRequest": Line(
        "GET",
        f"{REQUESTS}/{{impersonation}}",
        {**STRANGERS, "participant": 404, "member": 200, "admin": 200, "support": 200, "service": 200},
    ),
    "approveImpersonationRequest": Line(
        "POST",
        f"{REQUESTS}/{{impersonation}}/approve",
        {**STRANGERS, "member": 403, "support": 403, "service": 403, "admin": 201},
    ),
    "impersonate": Line(
        "POST",
        f"{REQUESTS}/{{impersonation}}/impersonate",
        {"nobody": 401, "member": 403, "admin": 403, "service": 403, "support": 404, "operator": 404},
        {},
    ),
    "denyImpersonationRequest": Line(
        "POST",
        f"{REQUESTS}/{{impersonation}}/deny",
        {**STRANGERS, "support": 403, "service": 403, "member": 201, "admin": 201, "operator": 201},
    ),
    "listAuditEvents": Line(
        "GET",
        f"/v1/audit-events?{ORGANIZATION}",
        {"nobody": 401, "stranger": 404, "outsider": 404, "member": 403, "support": 404, "admin": 200, "operator": 200},
    ),
    "readAuditEvent": Line(
        "GET",
        "/v1/audit-events/{act}",
        {"nobody": 401, "stranger": 404, "outsider": 404, "member": 404, "support": 404, "admin": 200, "operator": 200},
    ),
    "exportAuditEvents": Line(
        "GET",
        f"/v1/audit-events/export?{ORGANIZATION}",
        {"nobody": 401, "stranger": 404, "outsider": 404, "member": 403, "support": 404, "admin": 200, "operator": 200},
    ),
}


async def arrange_invitations(world: World, place: dict[str, str]) -> dict[str, str]:
    """An open invitation of the administrator's, one of the member's own, a request to act as the member, an act."""
    admin, member = (world.client.as_(user_id=place[name]) for name in ("admin", "member"))  # type: ignore[arg-type]
    asked = document("onboarding-requests", organization=place["organization"], patient_email=f"first-{place['email']}")
    invitation = (await admin.post(PATH, json=asked)).json()["data"]["id"]
    friend = document("registration-invitations", invited_email=place["email"])
    registration = (await member.post(REGISTRATIONS, json=friend)).json()["data"]["id"]
    support = world.client.as_(roles=("system.support",))
    wanted = document("impersonation-requests", user_id=place["member"], reason="Ticket 1")
    impersonation = (await support.post(REQUESTS, json=wanted)).json()["data"]["id"]
    rows = await world.rows("SELECT id FROM audit_events WHERE action = 'onboarding-requested'")
    return place | {
        "invitation": invitation,
        "registration": registration,
        "impersonation": impersonation,
        "act": str(rows[0].id),
    }
