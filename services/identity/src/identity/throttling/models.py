"""Budgets in use."""

from datetime import datetime, timedelta

from sqlalchemy import Index, Interval
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class Throttle(Base):
    """One budget of one holder: it is whole again at `full_at`. Unlogged: a crash forgives."""

    __tablename__ = "throttles"
    __table_args__ = (Index("ix_throttles_full_at", "full_at"), {"prefixes": ["UNLOGGED"]})

    key: Mapped[str] = mapped_column(primary_key=True)
    full_at: Mapped[datetime]
    step: Mapped[timedelta] = mapped_column(Interval)
    capacity: Mapped[timedelta] = mapped_column(Interval)
    refused: Mapped[bool]
