"""Attributes of individuals, as orgs has them. Texts are in lower case, as filters compare them.

A person's data: erasing a person deletes the row (`commands.forget`).
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from authz.base_facts.models import Base


class IndividualAttributes(Base):
    """One individual's attributes. With `wanted_at` they are to be read anew: something has changed since."""

    __tablename__ = "individual_attributes"
    individual_id: Mapped[UUID] = mapped_column(primary_key=True)
    wanted_at: Mapped[datetime | None] = mapped_column()
    first_name: Mapped[str | None] = mapped_column()
    last_name: Mapped[str | None] = mapped_column()
    birth_date: Mapped[date | None] = mapped_column()
    email: Mapped[str | None] = mapped_column()
    phone: Mapped[str | None] = mapped_column()
    email_verified: Mapped[bool] = mapped_column(default=False)
    phone_verified: Mapped[bool] = mapped_column(default=False)
    registered: Mapped[bool] = mapped_column(default=False)
    provider: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index(None, "wanted_at", postgresql_where="wanted_at IS NOT NULL"),
        Index(None, "last_name"),
        Index(None, "first_name"),
        Index(None, "birth_date"),
        Index(None, "email"),
        Index(None, "phone"),
    )
