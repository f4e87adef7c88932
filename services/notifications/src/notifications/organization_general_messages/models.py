"""Short texts of organizations."""

from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from notifications.tables import Base


class GeneralMessage(Base, Keyed, Timestamps):
    """An organization's text for a name, such as `contact`, in a locale."""

    __tablename__ = "organization_general_messages"
    __table_args__ = (UniqueConstraint("organization_id", "name", "locale"),)

    organization_id: Mapped[UUID]
    name: Mapped[str]
    locale: Mapped[str]
    message: Mapped[str]
