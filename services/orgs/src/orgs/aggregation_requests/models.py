"""Computed columns of individuals, and requests to compute them again."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from database import Keyed
from sqlalchemy import Float, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class AggregationRequest(Keyed, Table):
    """A request; `done` of its `total` entries are computed. `created_by` is the subject of the caller's token."""

    __tablename__ = "aggregation_requests"
    __table_args__ = (
        Index(None, "created_by", postgresql_where="finished_at IS NULL"),
        Index(None, "created_at"),
    )

    status: Mapped[Literal["running", "done"]] = mapped_column(Text)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(server_default="0")
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class AggregationEntry(Table):
    """What is still to be computed for a request; it goes when it is."""

    __tablename__ = "aggregation_entries"
    __table_args__ = (Index(None, "individual_id"),)

    request_id: Mapped[UUID] = mapped_column(
        ForeignKey("aggregation_requests.id", ondelete="CASCADE"), primary_key=True
    )
    individual_id: Mapped[UUID] = mapped_column(ForeignKey("individuals.id", ondelete="CASCADE"), primary_key=True)
    column: Mapped[str] = mapped_column(primary_key=True)


class IndividualAggregate(Table):
    """A computed column of an individual: a number; a time is in seconds of Unix time; None where there is nothing."""

    __tablename__ = "individual_aggregates"

    individual_id: Mapped[UUID] = mapped_column(ForeignKey("individuals.id", ondelete="CASCADE"), primary_key=True)
    column: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float | None] = mapped_column(Float(53))
    computed_at: Mapped[datetime]
