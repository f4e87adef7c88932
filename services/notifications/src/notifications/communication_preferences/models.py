"""What people said that they want, and do not want, to be told."""

from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from notifications.tables import Base


class CommunicationPreference(Base, Keyed, Timestamps):
    """Whether a person wants a type of message by a channel. Without a row they do."""

    __tablename__ = "communication_preferences"
    __table_args__ = (UniqueConstraint("user_id", "type", "channel", name="uq_communication_preferences_choice"),)

    user_id: Mapped[UUID]
    type: Mapped[str]
    channel: Mapped[str]
    enabled: Mapped[bool]
