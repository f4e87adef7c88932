"""What orgs knows of identity's users: a copy, read again whenever identity says that it changed."""

from typing import Any
from uuid import UUID

from database import Timestamps
from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class Person(Timestamps, Table):
    """A user of identity. `account` holds the attributes as identity gave them; the columns serve filters."""

    __tablename__ = "people"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str | None]
    email: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    state: Mapped[str | None]
    enabled: Mapped[bool] = mapped_column(server_default="true")
    email_verified: Mapped[bool] = mapped_column(server_default="false")
    phone_verified: Mapped[bool] = mapped_column(server_default="false")
    registration_invite: Mapped[str] = mapped_column(server_default="none")
    account: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


Index("ix_people_email", func.lower(Person.email))
