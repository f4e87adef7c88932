"""Every table of this service, for migrations."""

from notifications.deliveries.models import Delivery, RecordedText
from notifications.email_logs.models import EmailLog
from notifications.tables import Base

metadata = Base.metadata

__all__ = ["Delivery", "EmailLog", "RecordedText", "metadata"]
