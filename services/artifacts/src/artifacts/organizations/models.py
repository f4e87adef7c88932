"""Organizations and the numbers that are given out in them."""

from uuid import UUID

from database import Timestamps
from sqlalchemy import BigInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base

NEW_TOKEN = "('phc_'::text || replace(((gen_random_uuid())::text || (gen_random_uuid())::text), '-'::text, ''::text))"  # noqa: S105 it makes one
"""244 random bits, made by the database; written as PostgreSQL itself shows it."""


class Organization(Base, Timestamps):
    """A tenant, as orgs announced it. `number` is its integer in the projects dialect, `timezone` an IANA name.

    `capture_token` is public: applications name by it where the events belong that they capture, and can read nothing.
    """

    __tablename__ = "organizations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    name: Mapped[str]
    display_name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    timezone: Mapped[str] = mapped_column(default="UTC", server_default="UTC")
    capture_token: Mapped[str] = mapped_column(unique=True, server_default=text(NEW_TOKEN))


class Counter(Base):
    """The last integer that was given to a cohort or profile of an organization."""

    __tablename__ = "counters"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
