"""Every table of this service, for migrations."""

from notifications.communication_preferences.models import CommunicationPreference
from notifications.deliveries.models import Delivery, DeliveryBudget, RecordedText
from notifications.email_logs.models import EmailLog
from notifications.feedback_comments.models import FeedbackComment
from notifications.notifications.models import InAppMessage
from notifications.organization_general_messages.models import GeneralMessage
from notifications.organizations.models import Organization
from notifications.suppressions.models import ProviderReport, Suppression
from notifications.tables import Base
from notifications.templates.models import MessageTemplate, TemplateVersion
from notifications.url_shorteners.models import UrlShortener
from notifications.webhook_endpoints.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookPlace

metadata = Base.metadata

__all__ = [
    "CommunicationPreference",
    "Delivery",
    "DeliveryBudget",
    "EmailLog",
    "FeedbackComment",
    "GeneralMessage",
    "InAppMessage",
    "MessageTemplate",
    "Organization",
    "ProviderReport",
    "RecordedText",
    "Suppression",
    "TemplateVersion",
    "UrlShortener",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookPlace",
    "metadata",
]
