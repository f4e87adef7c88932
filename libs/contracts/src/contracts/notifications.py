"""What notifications announces."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.event import Event, event


@event("notifications", "delivery", "settled")
class DeliverySettled(Event, frozen=True, kw_only=True):
    """What became of a message: the server took it, refused it, or it was given up."""

    delivery_id: UUID
    message_id: UUID
    status: Literal["sent", "bounced", "failed"]
    settled_at: datetime
    user_id: UUID | None = None
    organization_id: UUID | None = None
