"""Every operation against every kind of caller."""

from uuid import uuid4

import msgspec
import pytest
from testkit.access import Line, assert_complete, assert_credentials_refused

NOTHING = uuid4()
CALLERS = ("admin", "member", "outsider", "patient", "operator", "support", "service")
EVERYBODY = dict.fromkeys(CALLERS, 200)
NOBODY_FINDS = dict.fromkeys(CALLERS, 404)
ADMIN_READS = {
    "admin": 200,
    "member": 403,
    "outsider": 404,
    "patient": 403,
    "operator": 200,
    "support": 200,
    "service": 404,
}
ADMIN_MAKES = ADMIN_READS | {"admin": 201, "operator": 201, "support": 404}
PREVIEWS = ADMIN_READS | {"admin": 201, "outsider": 403, "operator": 201, "support": 201, "service": 403}
SMS_TEMPLATE = {"type": "verify", "template": "{{ code }}"}
EMAIL_TEMPLATE = {"type": "verify-email", "template": "{{ code }}", "subject": "Code"}


def made(kind, attributes, *, whose=True):
    """A document that makes something, of the world's organization."""
    return {"data": {"type": kind, "attributes": attributes | ({"organization-id": "{organization}"} if whose else {})}}


TABLE = {
    "listEmailLogs": Line(
        "GET",
        "/v1/email-logs/",
        {"admin": 200, "member": 403, "outsider": 403, "patient": 403, "operator": 200, "support": 200, "service": 403},
    ),
    "listDeliveries": Line("GET", "/v1/deliveries/?organization-id={organization}", ADMIN_READS),
    "readDelivery": Line("GET", "/v1/deliveries/{nothing}/", NOBODY_FINDS),
    "retryDelivery": Line("POST", "/v1/deliveries/{nothing}/retry/", NOBODY_FINDS),
    "listOrganizationEmailTemplates": Line(
        "GET", "/v1/organization-email-templates/?organization-id={organization}", ADMIN_READS
    ),
    "createOrganizationEmailTemplate": Line(
        "POST", "/v1/organization-email-templates/", ADMIN_MAKES, made("organization-email-templates", EMAIL_TEMPLATE)
    ),
    "previewOrganizationEmailTemplate": Line(
        "POST",
        "/v1/organization-email-templates/preview/",
        PREVIEWS,
        made("organization-email-template-previews", EMAIL_TEMPLATE, whose=False),
    ),
    "readOrganizationEmailTemplate": Line("GET", "/v1/organization-email-templates/{nothing}/", NOBODY_FINDS),
    "updateOrganizationEmailTemplate": Line(
        "PATCH",
        "/v1/organization-email-templates/{nothing}/",
        NOBODY_FINDS,
        {"data": {"type": "organization-email-templates", "id": "{nothing}", "attributes": {}}},
    ),
    "deleteOrganizationEmailTemplate": Line("DELETE", "/v1/organization-email-templates/{nothing}/", NOBODY_FINDS),
    "listOrganizationEmailTemplateVersions": Line(
        "GET", "/v1/organization-email-templates/{nothing}/versions/", NOBODY_FINDS
    ),
    "sendTestOrganizationEmailTemplate": Line(
        "POST", "/v1/organization-email-templates/{nothing}/send-test/", NOBODY_FINDS
    ),
    "listOrganizationSmsTemplates": Line(
        "GET", "/v1/organization-sms-templates/?organization-id={organization}", ADMIN_READS
    ),
    "createOrganizationSmsTemplate": Line(
        "POST", "/v1/organization-sms-templates/", ADMIN_MAKES, made("organization-sms-templates", SMS_TEMPLATE)
    ),
    "previewOrganizationSmsTemplate": Line(
        "POST",
        "/v1/organization-sms-templates/preview/",
        PREVIEWS,
        made("organization-sms-template-previews", SMS_TEMPLATE, whose=False),
    ),
    "readOrganizationSmsTemplate": Line("GET", "/v1/organization-sms-templates/{nothing}/", NOBODY_FINDS),
    "updateOrganizationSmsTemplate": Line(
        "PATCH",
        "/v1/organization-sms-templates/{nothing}/",
        NOBODY_FINDS,
        {"data": {"type": "organization-sms-templates", "id": "{nothing}", "attributes": {}}},
    ),
    "deleteOrganizationSmsTemplate": Line("DELETE", "/v1/organization-sms-templates/{nothing}/", NOBODY_FINDS),
    "listOrganizationSmsTemplateVersions": Line(
        "GET", "/v1/organization-sms-templates/{nothing}/versions/", NOBODY_FINDS
    ),
    "sendTestOrganizationSmsTemplate": Line(
        "POST", "/v1/organization-sms-templates/{nothing}/send-test/", NOBODY_FINDS
    ),
    "updateOnboardingTextStatus": Line(
        "POST", "/v1/onboarding-texts/{nothing}/update-status/", dict.fromkeys(CALLERS, 403), made("x", {})
    ),
    "reportEmail": Line("POST", "/v1/email-logs/reports/", dict.fromkeys(CALLERS, 400), {}),
    "listSuppressions": Line("GET", "/v1/suppressions/?organization-id={organization}", ADMIN_READS),
    "createSuppression": Line(
        "POST",
        "/v1/suppressions/",
        dict.fromkeys(CALLERS, 403) | {"operator": 201},
        {"data": {"type": "suppressions", "attributes": {"address": "a@b.example"}}},
    ),
    "deleteSuppression": Line("DELETE", "/v1/suppressions/{nothing}/", NOBODY_FINDS),
    "listCommunicationPreferences": Line("GET", "/v1/communication-preferences/", EVERYBODY | {"service": 403}),
    "createCommunicationPreference": Line(
        "POST",
        "/v1/communication-preferences/",
        dict.fromkeys(EVERYBODY, 201) | {"service": 403},
        {
            "data": {
                "type": "communication-preferences",
                "attributes": {"type": "messaging-patient", "channel": "email", "enabled": False},
            }
        },
    ),
    "deleteCommunicationPreference": Line("DELETE", "/v1/communication-preferences/{nothing}/", NOBODY_FINDS),
    "readUnsubscribePage": Line("GET", "/v1/communication-preferences/unsubscribe/nothing/", NOBODY_FINDS),
    "unsubscribe": Line("POST", "/v1/communication-preferences/unsubscribe/nothing/", NOBODY_FINDS),
    "listUrlShorteners": Line("GET", "/v1/url-shorteners/?organization-id={organization}", ADMIN_READS),
    "createUrlShortener": Line(
        "POST",
        "/v1/url-shorteners/",
        ADMIN_MAKES,
        {
            "data": {
                "type": "url-shorteners",
                "attributes": {"netloc": "clinic.example", "full-path": "/", "organization-id": "{organization}"},
            }
        },
    ),
    "readUrlShortener": Line("GET", "/v1/url-shorteners/{nothing}/", NOBODY_FINDS),
    "updateUrlShortener": Line(
        "PATCH",
        "/v1/url-shorteners/{nothing}/",
        NOBODY_FINDS,
        {"data": {"type": "url-shorteners", "id": "{nothing}", "attributes": {}}},
    ),
    "deleteUrlShortener": Line("DELETE", "/v1/url-shorteners/{nothing}/", NOBODY_FINDS),
    "followShortUrl": Line("GET", "/s/nothing", NOBODY_FINDS),
    "listFeedbackComments": Line("GET", "/v1/feedback-comments/", EVERYBODY),
    "createFeedbackComment": Line(
        "POST",
        "/v1/feedback-comments/",
        dict.fromkeys(EVERYBODY, 201) | {"service": 403},
        {"data": {"type": "feedback-comments", "attributes": {"comment": "Fine.", "current-page": "/start"}}},
    ),
    "readFeedbackComment": Line("GET", "/v1/feedback-comments/{nothing}/", NOBODY_FINDS),
    "listNotifications": Line("GET", "/v1/notifications/", EVERYBODY | {"service": 403}),
    "readNotification": Line("GET", "/v1/notifications/{nothing}/", NOBODY_FINDS | {"service": 403}),
    "markNotificationRead": Line("POST", "/v1/notifications/{nothing}/mark-read", NOBODY_FINDS | {"service": 403}),
    "markAllNotificationsRead": Line(
        "POST", "/v1/notifications/mark-all-read", dict.fromkeys(EVERYBODY, 201) | {"service": 403}
    ),
    "countUnreadNotifications": Line("GET", "/v1/notifications/unread-count", EVERYBODY | {"service": 403}),
    "followNotifications": Line(
        "GET", "/v1/notifications/stream?after=nowhere", dict.fromkeys(EVERYBODY, 400) | {"service": 403}
    ),
    "listOrganizationGeneralMessages": Line(
        "GET", "/v1/organization-general-messages/?organization-id={organization}", EVERYBODY | {"outsider": 404}
    ),
    "createOrganizationGeneralMessage": Line(
        "POST",
        "/v1/organization-general-messages/",
        ADMIN_MAKES,
        {
            "data": {
                "type": "organization-general-messages",
                "attributes": {
                    "name": "contact",
                    "locale": "en_US",
                    "message": "Call us.",
                    "organization-id": "{organization}",
                },
            }
        },
    ),
    "readOrganizationGeneralMessage": Line("GET", "/v1/organization-general-messages/{nothing}/", NOBODY_FINDS),
    "updateOrganizationGeneralMessage": Line(
        "PATCH",
        "/v1/organization-general-messages/{nothing}/",
        NOBODY_FINDS,
        {"data": {"type": "organization-general-messages", "id": "{nothing}", "attributes": {"message": "Call."}}},
    ),
    "deleteOrganizationGeneralMessage": Line("DELETE", "/v1/organization-general-messages/{nothing}/", NOBODY_FINDS),
    "listWebhookEndpoints": Line("GET", "/v1/webhook-endpoints/?organization-id={organization}", ADMIN_READS),
    "listWebhookEventTypes": Line("GET", "/v1/webhook-endpoints/event-types/", EVERYBODY),
    "createWebhookEndpoint": Line(
        "POST", "/v1/webhook-endpoints/", ADMIN_MAKES, made("webhook-endpoints", {"url": "http://127.0.0.1:1/"})
    ),
    "readWebhookEndpoint": Line("GET", "/v1/webhook-endpoints/{nothing}/", NOBODY_FINDS),
    "updateWebhookEndpoint": Line(
        "PATCH",
        "/v1/webhook-endpoints/{nothing}/",
        NOBODY_FINDS,
        {"data": {"type": "webhook-endpoints", "id": "{nothing}", "attributes": {}}},
    ),
    "deleteWebhookEndpoint": Line("DELETE", "/v1/webhook-endpoints/{nothing}/", NOBODY_FINDS),
    "rotateWebhookSecret": Line(
        "POST",
        "/v1/webhook-endpoints/{nothing}/rotate-secret/",
        NOBODY_FINDS,
        made("webhook-secret-rotations", {}, whose=False),
    ),
    "testWebhookEndpoint": Line("POST", "/v1/webhook-endpoints/{nothing}/test/", NOBODY_FINDS),
    "replayWebhookDeliveries": Line(
        "POST",
        "/v1/webhook-endpoints/{nothing}/replay/",
        NOBODY_FINDS,
        made("webhook-replays", {"since": "2026-01-01T00:00:00Z"}, whose=False),
    ),
    "listWebhookDeliveries": Line("GET", "/v1/webhook-endpoints/{nothing}/deliveries/", NOBODY_FINDS),
    "readWebhookDelivery": Line("GET", "/v1/webhook-endpoints/{nothing}/deliveries/{nothing}/", NOBODY_FINDS),
    "listWebhookAttempts": Line("GET", "/v1/webhook-endpoints/{nothing}/deliveries/{nothing}/attempts/", NOBODY_FINDS),
    "replayWebhookDelivery": Line("POST", "/v1/webhook-endpoints/{nothing}/deliveries/{nothing}/replay/", NOBODY_FINDS),
}


def filled(pattern, organization):
    """A line's path or body about the world's organization, and about what there is not."""
    return pattern.replace("{organization}", str(organization)).replace("{nothing}", str(NOTHING))


def test_every_operation_has_a_line(app):
    assert_complete(app, TABLE)


async def test_bad_credentials(app, session):
    await assert_credentials_refused(app)


@pytest.mark.parametrize(
    ("name", "caller"), [(name, caller) for name, line in TABLE.items() for caller in line.expected]
)
async def test_callers(client, neighbours, name, caller):
    line, user, organization = TABLE[name], uuid4(), uuid4()
    neighbours.admins.add(f"{user} organization:{organization}:write")
    neighbours.domains[str(organization)] = "clinic.example"
    callers = {
        "admin": client.as_(user_id=user, organization_id=organization, roles=("org.admin",)),
        "member": client.as_(organization_id=organization, roles=("org.member",)),
        "outsider": client.as_(organization_id=uuid4(), roles=("org.admin",)),
        "patient": client.as_(organization_id=organization),
        "operator": client.as_operator(),
        "support": client.as_(roles=("system.support",)),
        "service": client.as_service("identity"),
    }
    body = filled(msgspec.json.encode(line.body).decode(), organization) if line.body else None
    answer = await callers[caller].request(line.method, filled(line.path, organization), content=body)
    assert answer.status_code == line.expected[caller], answer.text
