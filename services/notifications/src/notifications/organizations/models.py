"""What this service keeps of organizations."""

from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy.orm import Mapped, mapped_column

from notifications.tables import Base


class Organization(Base, Keyed, Timestamps):
    """A tenant's name, theme and time zone, as orgs announces them."""

    __tablename__ = "organizations"

    display_name: Mapped[str]
    theme_id: Mapped[UUID | None]
    timezone: Mapped[str] = mapped_column(default="UTC", server_default="UTC")
