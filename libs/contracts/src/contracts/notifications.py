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
