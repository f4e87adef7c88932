"""Personas."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Persona(Base, Keyed, Timestamps):
    """A part that somebody plays in a simulation."""

    __tablename__ = "personas"
    __table_args__ = (Index("ix_personas_name", "organization_id", "name"),)

    organization_id: Mapped[UUID]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    icon: Mapped[str | None]
    color: Mapped[str | None]
    department_ids: Mapped[list[UUID]] = mapped_column(default=list, server_default="{}")
    instructions: Mapped[str] = mapped_column(default="", server_default="")
    examples: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    generated: Mapped[bool] = mapped_column(default=False, server_default="false")
    mcp: Mapped[bool] = mapped_column(default=False, server_default="false")
    deleted_at: Mapped[datetime | None]


class ProfilePersona(Base, Keyed, Timestamps):
    """A profile's part."""

    __tablename__ = "profile_personas"
    __table_args__ = (
        Index("uq_profile_personas_part", "profile_id", "persona_id", unique=True),
        Index("ix_profile_personas_persona_id", "persona_id"),
    )

    organization_id: Mapped[UUID]
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("profiles.id"))
    persona_id: Mapped[UUID] = mapped_column(ForeignKey("personas.id"))
