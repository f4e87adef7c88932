"""Every table of this service, for migrations."""

from notifications.deliveries.models import Delivery, RecordedText
from notifications.email_logs.models import EmailLog
from notifications.feedback_comments.models import FeedbackComment
from notifications.organization_general_messages.models import GeneralMessage
from notifications.tables import Base
from notifications.url_shorteners.models import UrlShortener

metadata = Base.metadata

__all__ = ["Delivery", "EmailLog", "FeedbackComment", "GeneralMessage", "RecordedText", "UrlShortener", "metadata"]
