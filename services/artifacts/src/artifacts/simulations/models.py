"""Simulations."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Simulation(Base, Keyed, Timestamps):
    """Something that a cohort goes through."""

    __tablename__ = "simulations"
    __table_args__ = (Index("ix_simulations_name", "organization_id", "name"),)

    organization_id: Mapped[UUID]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    department_ids: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    generated: Mapped[bool] = mapped_column(default=False, server_default="false")
    mcp: Mapped[bool] = mapped_column(default=False, server_default="false")
    deleted_at: Mapped[datetime | None]


class SimulationPosition(Base, Keyed, Timestamps):
    """A place in the order of simulations."""

    __tablename__ = "simulation_positions"
    __table_args__ = (Index("uq_simulation_positions_value", "simulation_id", "value", unique=True),)

    organization_id: Mapped[UUID]
    simulation_id: Mapped[UUID] = mapped_column(ForeignKey("simulations.id"))
    value: Mapped[int] = mapped_column(Integer)


class SimulationAvailability(Base, Keyed, Timestamps):
    """When a simulation opens or closes."""

    __tablename__ = "simulation_availability"
    __table_args__ = (
        Index("uq_simulation_availability_time", "simulation_id", "time", "type", unique=True),
        CheckConstraint("type IN ('open', 'close')", name="type"),
    )

    organization_id: Mapped[UUID]
    simulation_id: Mapped[UUID] = mapped_column(ForeignKey("simulations.id"))
    time: Mapped[datetime]
    type: Mapped[str]
