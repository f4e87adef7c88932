"""Tenants."""

from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import Identity
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class Organization(Keyed, Timestamps, Table):
    """A tenant. `number` names it in the projects dialect."""

    __tablename__ = "organizations"

    number: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    name: Mapped[str]
    display_name: Mapped[str]
    authorization_type: Mapped[str]
    classification: Mapped[str]
    provider_type: Mapped[str]
    timezone: Mapped[str]
    theme_id: Mapped[UUID | None]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    logo_url: Mapped[str | None]
    created_by: Mapped[UUID | None]
