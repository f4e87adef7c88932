"""Every operation of this service."""

from notifications.communication_preferences.routes import ROUTES as PREFERENCES
from notifications.deliveries.routes import ROUTES as DELIVERIES
from notifications.email_logs.routes import ROUTES as EMAIL_LOGS
from notifications.feedback_comments.routes import ROUTES as FEEDBACK_COMMENTS
from notifications.notifications.routes import ROUTES as NOTIFICATIONS
from notifications.onboarding_texts.routes import ROUTES as ONBOARDING_TEXTS
from notifications.organization_email_templates.routes import ROUTES as EMAIL_TEMPLATES
from notifications.organization_general_messages.routes import ROUTES as GENERAL_MESSAGES
from notifications.organization_sms_templates.routes import ROUTES as SMS_TEMPLATES
from notifications.suppressions.routes import ROUTES as SUPPRESSIONS
from notifications.url_shorteners.routes import ROUTES as URL_SHORTENERS
from notifications.webhook_endpoints.routes import ROUTES as WEBHOOK_ENDPOINTS

ROUTES = [
    *EMAIL_LOGS,
    *DELIVERIES,
    *ONBOARDING_TEXTS,
    *EMAIL_TEMPLATES,
    *SMS_TEMPLATES,
    *SUPPRESSIONS,
    *PREFERENCES,
    *FEEDBACK_COMMENTS,
    *GENERAL_MESSAGES,
    *URL_SHORTENERS,
    *NOTIFICATIONS,
    *WEBHOOK_ENDPOINTS,
]
