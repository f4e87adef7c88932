"""Keys that tokens are signed with."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class SigningKey(Base):
    """One key pair. Stages: next (published, not used yet), current (signs), previous (still verifies)."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        Index("uq_signing_keys_stage", "stage", unique=True, postgresql_where=text("stage IN ('next', 'current')")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[str]
    public: Mapped[dict[str, Any]]
    private: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    current_since: Mapped[datetime | None]
    previous_since: Mapped[datetime | None]
