"""Which services hold a copy of a user."""

from datetime import datetime
from uuid import UUID

from database import Keyed
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class UserReplication(Base, Keyed):
    """A service said that it holds a copy."""

    __tablename__ = "user_replications"
    __table_args__ = (Index("uq_user_replications", "user_id", "service", unique=True),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    service: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
