"""What notifications announces."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.event import Event, event


@event("notifications", "delivery", "settled")
class DeliverySettled(Event, frozen=True, kw_only=True):
    """What became of a message: the server took it, refused it, or it was given up.

    `reason` is a code such as `smtp-550` or `no-address`; a bounce has a type and a subtype as Amazon SES names them.
    """

    delivery_id: UUID
    message_id: UUID
    status: Literal["sent", "bounced", "failed"]
    settled_at: datetime
    reason: str | None = None
    bounce_type: str | None = None
    bounce_subtype: str | None = None
    user_id: UUID | None = None
    organization_id: UUID | None = None


@event("notifications", "delivery", "retried")
class DeliveryRetried(Event, frozen=True, kw_only=True):
    """Somebody has a message sent again that was given up."""

    delivery_id: UUID
    message_id: UUID
    by: UUID | None = None
    organization_id: UUID | None = None


@event("notifications", "template", "changed")
class TemplateChanged(Event, frozen=True, kw_only=True):
    """An organization or a theme wrote a version of a template, or removed the template."""

    template_id: UUID
    organization_id: UUID | None
    theme_id: UUID | None
    channel: Literal["email", "sms"]
    type: str
    locale: str
    version: int
    removed: bool = False


@event("notifications", "url_shortener", "created")
class UrlShortenerCreated(Event, frozen=True, kw_only=True):
    """An organization has a short address more."""

    shortener_id: UUID
    organization_id: UUID


@event("notifications", "url_shortener", "updated")
class UrlShortenerUpdated(Event, frozen=True, kw_only=True):
    """Where a short address leads, or until when, changed."""

    shortener_id: UUID
    organization_id: UUID


@event("notifications", "url_shortener", "deleted")
class UrlShortenerDeleted(Event, frozen=True, kw_only=True):
    """A short address leads nowhere any more."""

    shortener_id: UUID
    organization_id: UUID


@event("notifications", "feedback_comment", "created")
class FeedbackCommentCreated(Event, frozen=True, kw_only=True):
    """Somebody wrote what they think of a page."""

    comment_id: UUID
    created_by: UUID
    organization_id: UUID | None = None


@event("notifications", "general_message", "created")
class GeneralMessageCreated(Event, frozen=True, kw_only=True):
    """An organization has a short text for a name and a locale."""

    message_id: UUID
    organization_id: UUID


@event("notifications", "general_message", "updated")
class GeneralMessageUpdated(Event, frozen=True, kw_only=True):
    """An organization's short text changed."""

    message_id: UUID
    organization_id: UUID


@event("notifications", "general_message", "deleted")
class GeneralMessageDeleted(Event, frozen=True, kw_only=True):
    """An organization's short text is gone."""

    message_id: UUID
    organization_id: UUID


@event("notifications", "delivery", "reported")
class DeliveryReported(Event, frozen=True, kw_only=True):
    """A provider said what became of a message that it had taken: `state` in the provider's words."""

    delivery_id: UUID
    message_id: UUID
    state: str
    reported_at: datetime
    user_id: UUID | None = None
    organization_id: UUID | None = None


@event("notifications", "in_app_message", "created")
class InAppMessageCreated(Event, frozen=True, kw_only=True):
    """A message stands before a person within applications."""

    notification_id: UUID
    user_id: UUID
    organization_id: UUID | None = None


@event("notifications", "inbox", "read")
class InboxRead(Event, frozen=True, kw_only=True):
    """A person marked one of their messages read, or all of them."""

    user_id: UUID
    count: int
    notification_id: UUID | None = None


@event("notifications", "suppression", "changed")
class SuppressionChanged(Event, frozen=True, kw_only=True):
    """An address is not sent to any more, or is again (`lifted`). `reason` is bounce, complaint or manual."""

    suppression_id: UUID
    organization_id: UUID | None
    channel: Literal["email", "sms"]
    reason: str
    lifted: bool = False


@event("notifications", "preference", "changed")
class PreferenceChanged(Event, frozen=True, kw_only=True):
    """A person said whether they want a type of message by a channel."""

    preference_id: UUID
    user_id: UUID
    type: str
    channel: str
    enabled: bool


@event("notifications", "webhook_endpoint", "created")
class WebhookEndpointCreated(Event, frozen=True, kw_only=True):
    """An organization has an address more that is told of its events."""

    webhook_endpoint_id: UUID
    organization_id: UUID


@event("notifications", "webhook_endpoint", "updated")
class WebhookEndpointUpdated(Event, frozen=True, kw_only=True):
    """An address, what it is told of, or whether it is told, was changed by the organization."""

    webhook_endpoint_id: UUID
    organization_id: UUID
    status: Literal["active", "paused"]


@event("notifications", "webhook_endpoint", "secret_rotated")
class WebhookSecretRotated(Event, frozen=True, kw_only=True):
    """What is sent to an address is signed with another key."""

    webhook_endpoint_id: UUID
    organization_id: UUID


@event("notifications", "webhook_endpoint", "paused")
class WebhookEndpointPaused(Event, frozen=True, kw_only=True):
    """An address is told of nothing more: it took nothing for a day (`failing`), or said that it is `gone`."""

    webhook_endpoint_id: UUID
    organization_id: UUID
    reason: Literal["failing", "gone"]


@event("notifications", "webhook_endpoint", "deleted")
class WebhookEndpointDeleted(Event, frozen=True, kw_only=True):
    """An address is told of nothing more, and what was sent to it is forgotten."""

    webhook_endpoint_id: UUID
    organization_id: UUID
